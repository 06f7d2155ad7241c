//! Playbooks on moto: the change is made by the real API, its event is written as CloudTrail writes it, and
//! what the describing calls answer is compared before, after, put back and taken back.

mod guards;
mod killed;
mod logging;
mod network;
mod rig;
mod storage;
