//! `jifen schema`: print the schema, or compare it with the file.

use crate::cli::Failure;
use crate::config::{Common, SchemaArgs};
use crate::schema::sdl;

pub fn run(common: &Common, args: &SchemaArgs) -> Result<(), Failure> {
    let printed = sdl();
    let Some(file) = &args.check else {
        print!("{printed}");
        return Ok(());
    };
    let kept = std::fs::read_to_string(file)
        .map_err(|cause| Failure::usage(format!("{} cannot be read: {cause}", file.display())))?;
    let same = kept == printed;
    if common.json {
        println!("{}", serde_json::json!({ "file": file, "same": same }));
    }
    if same {
        return Ok(());
    }
    let line = kept.lines().zip(printed.lines()).position(|(kept, printed)| kept != printed);
    let line = line.unwrap_or_else(|| kept.lines().count().min(printed.lines().count())) + 1;
    Err(Failure::check(format!(
        "{} differs from the program's schema from line {line} on; run: jifen schema > {}",
        file.display(),
        file.display()
    )))
}
