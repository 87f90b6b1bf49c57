//! What targets should have and were told.
//! Refuses a generation that falls.

use store::target;
use store::testing::databases;

use crate::sample::at;

#[tokio::test]
async fn a_generation_rises_with_the_desired_state_and_only_then() {
    for db in databases().await {
        let mut tx = db.write().await.unwrap();
        let server = "server:git-1".parse().unwrap();
        assert_eq!(target::find(&mut tx, &server).await.unwrap(), None);
        let first = target::desire(&mut tx, &server, "{}").await.unwrap();
        assert_eq!((first.generation, first.pushed_generation, first.pushed_at), (1, 0, None));
        assert_eq!((&first.target, first.desired.as_str()), (&server, "{}"));
        assert_eq!(target::desire(&mut tx, &server, "{}").await.unwrap().generation, 1);
        assert_eq!(target::desire(&mut tx, &server, "{1}").await.unwrap().generation, 2);
        assert_eq!(target::desire(&mut tx, &server, "{}").await.unwrap().generation, 3);
        let other = "server:git-2".parse().unwrap();
        assert_eq!(target::desire(&mut tx, &other, "{}").await.unwrap().generation, 1);
    }
}

#[tokio::test]
async fn an_old_push_never_undoes_a_newer_one() {
    for db in databases().await {
        let mut tx = db.write().await.unwrap();
        let server = "server:git-1".parse().unwrap();
        for desired in ["a", "b", "c"] {
            target::desire(&mut tx, &server, desired).await.unwrap();
        }
        target::confirm(&mut tx, &server, 3, at(5)).await.unwrap();
        target::confirm(&mut tx, &server, 2, at(9)).await.unwrap();
        let state = target::find(&mut tx, &server).await.unwrap().unwrap();
        assert_eq!((state.pushed_generation, state.pushed_at), (3, Some(at(5))));
        assert_eq!((state.generation, state.desired.as_str()), (3, "c"));
    }
}
