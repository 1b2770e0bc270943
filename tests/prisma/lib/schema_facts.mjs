// One sentence for each column, index, foreign key and enum: as Prisma would make them from its datamodel, and as the database has them.
// What Prisma has no words for (collations, checks, triggers, fill factors) is in neither.

const native_types = { Uuid: "uuid", Timestamp: (precision) => `timestamp(${precision}) without time zone` };
const scalar_types = { String: "text", BigInt: "bigint", Int: "integer", Boolean: "boolean", Bytes: "bytea" };

function type_of(field) {
  if (field.kind === "enum") return `"${field.type}"`;
  if (field.nativeType === null) return scalar_types[field.type];
  const [name, parameters] = field.nativeType;
  const native = native_types[name];
  return typeof native === "function" ? native(...parameters) : native;
}

function default_of(field) {
  if (!field.hasDefaultValue) return "none";
  if (field.kind === "enum") return `'${field.default}'::"${field.type}"`;
  if (field.default.name === "now") return "CURRENT_TIMESTAMP";
  if (field.default.name === "dbgenerated") return field.default.args[0];
  return String(field.default);
}

const column = (table, name, type, nullable, value) => `${table}.${name}: ${type}, ${nullable ? "null" : "not null"}, default ${value}`;
const index = (name, table, kind, columns) => `${name}: ${kind} index on ${table} (${columns.join(", ")})`;
const foreign_key = (name, from, columns, to, references, on_delete, on_update) =>
  `${name}: ${from} (${columns.join(", ")}) refers to ${to} (${references.join(", ")}), on delete ${on_delete}, on update ${on_update}`;

/** What `prisma migrate` would make of the datamodel (DMMF), by its own rules for names. */
export function facts_of_datamodel(datamodel) {
  const facts = [];
  for (const model of datamodel.models) {
    const table = model.dbName ?? model.name;
    for (const field of model.fields) {
      if (field.kind !== "object") {
        facts.push(column(table, field.dbName ?? field.name, type_of(field), !field.isRequired, default_of(field)));
      } else if (field.relationFromFields?.length > 0) {
        const { relationFromFields: columns, relationOnDelete, relationOnUpdate } = field;
        facts.push(
          foreign_key(`${table}_${columns.join("_")}_fkey`, table, columns, field.type, field.relationToFields,
            relationOnDelete ?? "Restrict", relationOnUpdate ?? "Cascade"),
        );
      }
    }
  }
  const suffixes = { unique: "key", normal: "idx" };
  for (const { model, type, dbName, fields } of datamodel.indexes) {
    const columns = fields.map((field) => field.name);
    const name = type === "id" ? `${model}_pkey` : `${model}_${columns.join("_")}_${suffixes[type]}`;
    facts.push(index(dbName ?? name, model, type, columns));
  }
  for (const { name, values } of datamodel.enums) facts.push(`${name}: enum of ${values.map((value) => value.name).join(", ")}`);
  return facts.sort();
}

const columns_query = `
  SELECT c.relname AS table, a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type, NOT a.attnotnull AS nullable,
         coalesce(pg_get_expr(d.adbin, d.adrelid), 'none') AS value
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
   WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND c.relnamespace = 'public'::regnamespace`;

// An index that Prisma could not have made shows what it is: an expression, a condition, another method.
const indexes_query = `
  SELECT i.relname AS name, t.relname AS table,
         CASE WHEN x.indisprimary THEN 'id' WHEN x.indisunique THEN 'unique' ELSE 'normal' END ||
           CASE WHEN x.indpred IS NOT NULL THEN ' partial' ELSE '' END || CASE WHEN NOT x.indisvalid THEN ' invalid' ELSE '' END ||
           CASE WHEN m.amname <> 'btree' THEN ' ' || m.amname ELSE '' END AS kind,
         ARRAY(SELECT trim('"' FROM pg_get_indexdef(i.oid, n, true)) FROM generate_series(1, x.indnatts) AS n ORDER BY n) AS columns
    FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid JOIN pg_am m ON m.oid = i.relam
   WHERE t.relnamespace = 'public'::regnamespace`;

const foreign_keys_query = `
  WITH actions (letter, name) AS (VALUES ('r', 'Restrict'), ('c', 'Cascade'), ('a', 'NoAction'), ('n', 'SetNull'), ('d', 'SetDefault'))
  SELECT k.conname AS name, f.relname AS from, t.relname AS to, deleting.name AS on_delete, updating.name AS on_update,
         ARRAY(SELECT attname::text FROM unnest(k.conkey) WITH ORDINALITY AS u (n, o)
                 JOIN pg_attribute ON attrelid = k.conrelid AND attnum = n ORDER BY o) AS columns,
         ARRAY(SELECT attname::text FROM unnest(k.confkey) WITH ORDINALITY AS u (n, o)
                 JOIN pg_attribute ON attrelid = k.confrelid AND attnum = n ORDER BY o) AS references
    FROM pg_constraint k JOIN pg_class f ON f.oid = k.conrelid JOIN pg_class t ON t.oid = k.confrelid
    JOIN actions deleting ON deleting.letter = k.confdeltype JOIN actions updating ON updating.letter = k.confupdtype
   WHERE k.contype = 'f' AND k.connamespace = 'public'::regnamespace`;

const enums_query = `
  SELECT t.typname AS name, array_agg(e.enumlabel::text ORDER BY e.enumsortorder) AS values
    FROM pg_type t JOIN pg_enum e ON e.enumtypid = t.oid WHERE t.typnamespace = 'public'::regnamespace GROUP BY t.typname`;

/** What the database's catalogue says. `database`: a connected pg.Client. */
export async function facts_of_catalogue(database) {
  const facts = [];
  const rows = async (query) => (await database.query(query)).rows;
  for (const row of await rows(columns_query)) facts.push(column(row.table, row.name, row.type, row.nullable, row.value));
  for (const row of await rows(indexes_query)) facts.push(index(row.name, row.table, row.kind, row.columns));
  for (const row of await rows(foreign_keys_query)) {
    facts.push(foreign_key(row.name, row.from, row.columns, row.to, row.references, row.on_delete, row.on_update));
  }
  for (const row of await rows(enums_query)) facts.push(`${row.name}: enum of ${row.values.join(", ")}`);
  return facts.sort();
}
