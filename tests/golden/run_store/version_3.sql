-- A run store as schema 3 was, one finished run and a training: the dump of a real file.
BEGIN TRANSACTION;
CREATE TABLE runs (
    id               INTEGER PRIMARY KEY AUTOINCREMENT, -- never given twice
    state            TEXT NOT NULL CHECK (state IN ('running', 'finished', 'stopped', 'cut off')),
    started          TEXT NOT NULL,                     -- UTC, ISO 8601
    seconds          REAL NOT NULL DEFAULT 0,           -- wall time of generation
    finished_samples INTEGER NOT NULL DEFAULT 0,
    executed_flops   REAL NOT NULL DEFAULT 0,
    process_id       INTEGER NOT NULL,                  -- of the writer: these three tell whether it still lives
    process_start    INTEGER NOT NULL,
    boot_id          TEXT NOT NULL,
    schedule         TEXT NOT NULL,                     -- run-length notation
    note             TEXT NOT NULL DEFAULT '',
    request          TEXT NOT NULL,                     -- JSON
    cost             TEXT NOT NULL,                     -- JSON
    provenance       TEXT NOT NULL                      -- JSON
, batch INTEGER NOT NULL DEFAULT 0, peak_memory INTEGER NOT NULL DEFAULT 0);
INSERT INTO runs VALUES(1,'finished','2026-11-22T08:58:22Z',0.087644400999999996781,2,1558950912.0,1741,3517810,'00000000-0000-4000-8000-000000000000','(L4,H8,L4)','','{"batch":0,"float32_gumbel":false,"length":12,"pool":[{"letter":"H","name":"heavy","path":"resources/checkpoints/heavy","precision":"f32","sha256":"2d76aa4ce95b5c9e2a93196eb6bfa30d5c4eefc59e22ad6160fa52b70ef80bc7"},{"letter":"L","name":"light","path":"resources/checkpoints/light","precision":"f32","sha256":"42efa3155508357d8fe53ebdead5aec6c5486426e00475350b2b3e015fcc956b"}],"prompt":"","sampler":"ancestral","samples":2,"schedule":"(L4,H8,L4)","seed":3,"temperature":1.0,"template":"","tokenizer":"","top_p":1.0}','{"blocks_only_flops":1373110272.0,"blocks_only_saving":0.33333333333333337,"calls_by_letter":{"H":4.312357783803747,"L":4.312477777203966},"executed_flops":690749060.1019353,"executed_saving":0.3488679501461849,"expected_calls":8.624835561007714,"light_share":0.5,"nominal_flops":1675173888.0,"nominal_saving":0.29070021540286584,"seconds":0.0184829399242038,"steps":16}','{"members":[{"architecture":"mdlm","blocks":12,"head_flops_per_row":1573248.0,"heads":3,"key_value_heads":3,"length":128,"parameters":8784321,"precision_effective":"f32","precision_requested":"f32","precision_stored":"BF16","vocabulary":4097,"weight_flops_per_row":10616832.0,"width":192},{"architecture":"mdlm","blocks":4,"head_flops_per_row":1573248.0,"heads":3,"key_value_heads":3,"length":128,"parameters":4045761,"precision_effective":"f32","precision_requested":"f32","precision_stored":"BF16","vocabulary":4097,"weight_flops_per_row":3538944.0,"width":192}],"onednn":"2.6.3","processor":"a processor, AVX2","threads":2,"version":"0.1.0"}',2,80236544);
CREATE TABLE run_calls (
    run    INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    letter TEXT NOT NULL,
    calls  INTEGER NOT NULL,
    PRIMARY KEY (run, letter)
) WITHOUT ROWID;
INSERT INTO run_calls VALUES(1,'H',10);
INSERT INTO run_calls VALUES(1,'L',9);
CREATE TABLE samples (
    run     INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    sample  INTEGER NOT NULL,                           -- index in the request, from 0
    flops   REAL NOT NULL,
    seconds REAL NOT NULL,
    calls   TEXT NOT NULL,                              -- JSON, letter: network calls
    text    TEXT NOT NULL,
    trace   BLOB NOT NULL,                              -- trace_blob.h
    UNIQUE (run, sample)
);
INSERT INTO samples VALUES(1,1,728547840.0,0.038312420499999999545,'{"H":5,"L":3}','icrence of some dismainty to accept to her',X'010cc802518006a002ae0482158203df059402fc1a9402bd020d08050c0c10060d0a06100f010000000001000100000101b63446c07802b8c0690b02c1721d0ec063c0a7c01068d2c0338ce9c0e67f66bf620ca8bf850b04c1bafb6bc0ce6582c0859caa404b838640ea7ed2407e5570408911b540036a88406583d840d3e36e407b939c40a70ad74005e34c400261ab40');
INSERT INTO samples VALUES(1,0,830403072.0,0.031831094499999990077,'{"H":5,"L":6}',' that I might. I''ll go home or make me.',X'010cc502a90283060da902e904a903d605e803e005f3020d051004090d06080c0403020f0001010001000000010101014062e8bf267037bfc93df7c01d3655bec24901bfe3970ec1ffb91fc00eb3c3bfa014c7c0a2fb8fc0ea65b8c09c1739c0a55291401d9f0e402ad1c640c7c2983fd06ca93f01e8c1408c62844072c25a40e08e744074d1b0400af1d2405157a340');
CREATE TABLE measures (
    run       INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    name      TEXT NOT NULL,
    value     REAL,                                     -- NULL: not a number
    low       REAL,
    high      REAL,
    n         INTEGER NOT NULL,
    seconds   REAL NOT NULL,
    unit      TEXT NOT NULL,
    estimator TEXT NOT NULL,
    settings  TEXT NOT NULL,                            -- JSON
    UNIQUE (run, name)
);
INSERT INTO measures VALUES(1,'entropy',2.3116198546480148934,1.5776806889399397348,3.0455590203560900519,2,3.6183000000000002378e-05,'nats','mean over samples of the unigram entropy of a sample''s tokens, t interval','{"level":0.95,"tokens":24}');
CREATE TABLE run_work (
    run           INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    letter        TEXT NOT NULL,
    sample_calls  INTEGER NOT NULL,                     -- counted for every sample in a call
    network_calls INTEGER NOT NULL,
    rows          INTEGER NOT NULL,                     -- through the last block and the output layer
    flops         REAL NOT NULL,
    seconds       REAL NOT NULL,                        -- wall time within the calls
    PRIMARY KEY (run, letter)
) WITHOUT ROWID;
INSERT INTO run_work VALUES(1,'H',10,8,12,1225548288.0,0.036180077000000004927);
INSERT INTO run_work VALUES(1,'L',9,9,12,333402624.0,0.033963437999999998573);
CREATE TABLE training_runs (
    id            INTEGER PRIMARY KEY AUTOINCREMENT, -- never given twice
    key           TEXT NOT NULL UNIQUE,              -- the trainer's: a resumed training goes on in its row
    name          TEXT NOT NULL,
    kind          TEXT NOT NULL,
    folder        TEXT NOT NULL,                     -- of the checkpoint it writes
    validation    TEXT NOT NULL,                     -- what training_points.validation measures
    planned_steps INTEGER NOT NULL,                  -- 0: not known
    note          TEXT NOT NULL DEFAULT '',
    state         TEXT NOT NULL CHECK (state IN ('running', 'finished', 'stopped', 'cut off', 'failed')),
    started       TEXT NOT NULL,                     -- UTC, ISO 8601
    process_id    INTEGER NOT NULL,                  -- of the writer, as in runs
    process_start INTEGER NOT NULL,
    boot_id       TEXT NOT NULL,
    config        TEXT NOT NULL,                     -- JSON
    provenance    TEXT NOT NULL                      -- JSON
);
INSERT INTO training_runs VALUES(1,'key-1','light','mdlm','light','NELBO',100,'','finished','2026-11-22T08:00:00Z',1,1,'00000000-0000-4000-8000-000000000000','{}','{}');
CREATE TABLE training_points (
    training      INTEGER NOT NULL REFERENCES training_runs (id) ON DELETE CASCADE,
    step          INTEGER NOT NULL,
    tokens        INTEGER NOT NULL,                  -- since step 0, as seconds and flops
    seconds       REAL NOT NULL,
    flops         REAL NOT NULL,
    learning_rate REAL NOT NULL,
    loss          REAL,                              -- nats per token; NULL: not a number
    validation    REAL,                              -- nats per token; NULL: not measured at this step
    PRIMARY KEY (training, step)
) WITHOUT ROWID;
INSERT INTO training_points VALUES(1,10,1000,1.5,1000000000.0,0.0010000000000000000208,5.25,NULL);
INSERT INTO training_points VALUES(1,20,2000,3.0,2000000000.0,0.0010000000000000000208,4.5,4.75);
DELETE FROM sqlite_sequence;
INSERT INTO sqlite_sequence VALUES('runs',1);
INSERT INTO sqlite_sequence VALUES('training_runs',1);
CREATE INDEX runs_by_state ON runs (state);
PRAGMA application_id = 1398034508;
PRAGMA user_version = 3;
COMMIT;
