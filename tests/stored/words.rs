//! The words of the pages, filled in as pages fill them.

use cuewire::model::diagnosis::DiagnosisView;
use cuewire::pipeline::Pipeline;
use serde_json::Value;

/// The first and the last sentence of a diagnosis, in English, by its code.
pub fn words(pipeline: &Pipeline, code: &str) -> [String; 2] {
    let all = pipeline.status().diagnoses;
    let Some(diagnosis) = all.iter().find(|diagnosis| diagnosis.code == code) else {
        panic!("{code} is not told; {:?} are", all.iter().map(|told| &told.code).collect::<Vec<_>>());
    };
    ["what", "next"].map(|part| text(diagnosis, part))
}

fn text(diagnosis: &DiagnosisView, part: &str) -> String {
    let messages: Value = serde_json::from_str(include_str!("../../extension/_locales/en/messages.json")).unwrap();
    let message = messages[format!("diagnosis_{}_{part}", diagnosis.code)]["message"].as_str().unwrap();
    let numbered = diagnosis.values.iter().enumerate();
    numbered.fold(message.to_owned(), |text, (at, value)| text.replace(&format!("${}", at + 1), value))
}
