//! The clock of the browser, and the one timer.

use crate::model::time::Millis;
use crate::pipeline::input::Input;
use crate::shell::ports::Timer;
use crate::web::clock;
use crate::web::driver::Driver;

impl Timer for &Driver {
    fn wall(&self) -> Millis {
        clock::wall()
    }

    fn arm(&mut self, due: Option<Millis>) {
        if self.timer.borrow().fires_by(due) {
            return; // Nearly every frame ends here.
        }
        let own = self.weak();
        self.timer.borrow_mut().arm(due, move || {
            if let Some(driver) = own.upgrade() {
                driver.timer.borrow_mut().fired();
                driver.happen(Input::Tick);
            }
        });
    }

    fn tell_offsets(&mut self, zones: Vec<String>) {
        let known = zones.into_iter().filter_map(|zone| {
            let minutes = self.host.zone_offset(&zone)?;
            Some((zone, minutes))
        });
        self.happen(Input::ZoneOffsets(known.collect()));
    }
}
