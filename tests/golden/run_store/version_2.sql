-- A run store as schema 2 was, one finished run and what its members did: the dump of a real file.
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
INSERT INTO runs VALUES(1,'finished','2026-11-22T06:40:19Z',0.26676960399999999351,3,5999422464.0,23875,2689660,'00000000-0000-4000-8000-000000000000','(L4,H8,L4)','','{"batch":2,"float32_gumbel":false,"length":24,"pool":[{"letter":"H","name":"heavy","path":"resources/checkpoints/heavy","precision":"f32","sha256":"2d76aa4ce95b5c9e2a93196eb6bfa30d5c4eefc59e22ad6160fa52b70ef80bc7"},{"letter":"L","name":"light","path":"resources/checkpoints/light","precision":"f32","sha256":"42efa3155508357d8fe53ebdead5aec6c5486426e00475350b2b3e015fcc956b"}],"prompt":"","sampler":"ancestral","samples":3,"schedule":"(L4,H8,L4)","seed":7,"temperature":1.0,"template":"","tokenizer":"","top_p":1.0}','{"blocks_only_flops":2774532096.0,"blocks_only_saving":0.33333333333333337,"calls_by_letter":{"H":6.300161860665899,"L":6.300401833067923},"executed_flops":2012378475.5865834,"executed_saving":0.3518743266520137,"expected_calls":12.600563693733822,"light_share":0.5,"nominal_flops":3378659328.0,"nominal_saving":0.29108010271959406,"seconds":0.0,"steps":16}','{"members":[{"architecture":"mdlm","blocks":12,"head_flops_per_row":1573248.0,"heads":3,"key_value_heads":3,"length":128,"parameters":8784321,"precision_effective":"f32","precision_requested":"f32","precision_stored":"BF16","vocabulary":4097,"weight_flops_per_row":10616832.0,"width":192},{"architecture":"mdlm","blocks":4,"head_flops_per_row":1573248.0,"heads":3,"key_value_heads":3,"length":128,"parameters":4045761,"precision_effective":"f32","precision_requested":"f32","precision_stored":"BF16","vocabulary":4097,"weight_flops_per_row":3538944.0,"width":192}],"onednn":"2.6.3","processor":"a processor, AVX2","threads":2,"version":"0.1.0"}',2,111534080);
CREATE TABLE run_calls (
    run    INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    letter TEXT NOT NULL,
    calls  INTEGER NOT NULL,
    PRIMARY KEY (run, letter)
) WITHOUT ROWID;
INSERT INTO run_calls VALUES(1,'H',19);
INSERT INTO run_calls VALUES(1,'L',18);
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
INSERT INTO samples VALUES(1,0,1677173760.0,0.045575720999999999594,'{"H":5,"L":6}',' hair.! didn''t want you look--the minister" in Susan--un--I isn''t mostEcical',X'011880090d00a408f402b905ba02d304fc02e105fe1501a8029a0cfc029f03fc0228800bf4029f072442800f070f0f0a050a040d100c0f100b0b0c0b050f0f020101100c000101000000010101000101000000000001010101010100f812fac0b97fe6bef1f5f0c02b2d35c0359156c089a734c034a677c06dc498c0ccba18bd89a5f4c0becbc0c0956fa5c0d64ea0c05a3f06c1f28b2bbf54d104c1dca18ac09dfa83bf22d1b2bffcef91c0e37ef7c04a5ffcc03e9246c0a3e6fdc0aaefaa40bbecc33f16373840d96142406fcdbb40b1b48a401087c74054328040d9ca563e338cc5401c43b8409d1892404fedc2403234c340d23d30405548ce40351f8f4069a92540639029400de3a2400bf1d2400af1d2406acea4405681b740');
INSERT INTO samples VALUES(1,1,1850582016.0,0.03350099200000000027,'{"H":6,"L":5}',' all theaint of which, kill which sum it might have the beautiful and his man may accept us; thou witest',X'0118fe0286029c0da002f1030bc113f103fc0cb70283068c038602d2088f02dd02e5038a07fc1ab2041abe08ea18bd0304010a05070f0f0b010504030a020b0c070a07060307040f01010000000101000100010100010000000000000100010180806ac063015dc044a90cc1ca164cc0a1b646c00bc82dc0065ce0c0cbebacc091421ec1fe7347c0437a03c02bc3b7c072af2ec0be9806c10bada5c0a05c9ec0d5c3c5c0deae65c000300dc1091dbfc049139dc05fcc8ac025f60dc15eca55c0fbab91400bf1d2402564c2401371c940f814a840ce4bb5409ca09a405adc9f400bf1d240fb9d9140f88957404cf5af405f0a4b400dd5cf40696cb74032129f402648d140ead03940a6cd92403e55dc40237cd1406eff83408ab1b44053c0a140');
INSERT INTO samples VALUES(1,2,2471666688.0,0.078403414000000004602,'{"H":8,"L":7}',' to go to go and wait a lovely Here, and we can imagine how into eight clofs in the rock.',X'01189402a9039402a9038f02d8088202ac0dff120b8f02d002f703aa1888059704891881084552a8028602d10c0d0c100a0e020708060b090a08040702040310070904010d0500010001010000000000000001000101010100000101010060e685c00c35ccbff99383c084bb04c0cf2362c0f942dec0a205d7bfd9950ac13f9bdbc0779865bf62d105bf11e901c02403c9c043d470c04d17f0c04d58c7c04ed211c1fd75a1c0f5fbb5c0761a6ac08a42f5bf62015dc0550cacc028b8d3bf8837b0400814984001c4d9401ef49e40748dd040215fb04059795a40c75ece40ad25c9401ca9724075b3ea3fc9b634400dd8b840ddb12d4068fbcf40deb28e40c8ecb4405c5faa4052a5c340cfc2a44029ad9a400af1d24075c9a840632eaa40');
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
INSERT INTO measures VALUES(1,'entropy',3.0167537882267843052,2.914620376460653528,3.1188871999929150824,3,3.6612000000000001151e-05,'nats','mean over samples of the unigram entropy of a sample''s tokens, t interval','{"level":0.95,"tokens":72}');
INSERT INTO measures VALUES(1,'generative_perplexity',398.1704877665567892,74.543207272649539161,2126.8166896600268955,3,0.011855124999999999343,'','exp of the token-weighted mean negative log-likelihood, delta-method t interval over samples carried through exp','{"beginning_tokens":0,"context":256,"evaluator":"reader","evaluator_path":"resources/checkpoints/reader","evaluator_precision":"f32","evaluator_sha256":"52474a5a4b7afaa397bbcac135f2e1804f326c042f6e991c58f73d151795d52e","first_token":"not scored: nothing precedes it","level":0.95,"stride":128,"tokens":69}');
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
INSERT INTO run_work VALUES(1,'H',19,15,37,4683702144.0,0.10995146000000000086);
INSERT INTO run_work VALUES(1,'L',18,14,35,1315720320.0,0.047528666999999989728);
DELETE FROM sqlite_sequence;
INSERT INTO sqlite_sequence VALUES('runs',1);
CREATE INDEX runs_by_state ON runs (state);
PRAGMA application_id = 1398034508;
PRAGMA user_version = 2;
COMMIT;
