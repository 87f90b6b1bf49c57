//! tmp
fn main() {
    let args: Vec<String> = std::env::args().collect();
    let has = |a: &str| args.iter().any(|x| x == a);
    tracing_init();
    let rt = tokio::runtime::Runtime::new().unwrap();
    let r = rt.block_on(lab::run(lab::Options {
        listen: "127.0.0.1:0".parse().unwrap(),
        metrics: "127.0.0.1:0".parse().unwrap(),
        database: std::env::var("DB").ok(),
        once: has("--once"),
        quiet_json: has("--json"),
        orders: 320,
        port_file: std::env::var_os("PORT_FILE").map(Into::into),
        token_file: std::env::var_os("TOKEN_FILE").map(Into::into),
    }));
    match r {
        Ok(r) => {
            eprintln!("holds: {}", r.holds());
            std::process::exit(if r.holds() { 0 } else { 1 })
        }
        Err(e) => {
            eprintln!("{e:?}");
            std::process::exit(2)
        }
    }
}
fn tracing_init() {}
