-- The names of the teachers of the attached database `edition`, out of those of their whole province
-- in `all_names`, into the attached `named`: nobody else's.

CREATE TABLE named.names AS
FROM all_names.names SEMI JOIN edition.teachers USING (teacher_id);
