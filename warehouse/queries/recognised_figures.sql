-- One row a teacher × programme of a province's file; whole seconds.
SELECT teacher_id, programme_id, recognised FROM progress;
