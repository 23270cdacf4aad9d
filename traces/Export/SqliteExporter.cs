using System.Globalization;
using CoSim.Traces.Format;
using Microsoft.Data.Sqlite;

namespace CoSim.Traces.Export;

/// <summary>
/// An SQLite database: <c>fact(name, value)</c>; for every kind of events that occurs a table named like it (<c>clock_read</c>) with <c>seq</c> (number
/// of the event in the trace), <c>ns</c> and <c>fs</c> (time in nanoseconds and the femtoseconds beyond) and its fields; and the view <c>event(seq, ns, fs, kind, core)</c>
/// over all of them. Integers are 64 bits wide in two's complement; a delay is in femtoseconds, NULL for never.
/// </summary>
internal sealed class SqliteExporter : ITraceExporter
{
    private const ulong PerNanosecond = 1_000_000;

    /// <inheritdoc/>
    public void Write(ExportInput input, Stream output)
    {
        // SQLite writes files only; the caller decides where the result goes.
        string path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        try
        {
            Fill(path, input);
            using FileStream database = File.OpenRead(path);
            database.CopyTo(output);
        }
        catch (SqliteException e)
        {
            throw new TraceFormatException($"it cannot be a database: {e.Message}");
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static void Fill(string path, ExportInput input)
    {
        using SqliteConnection connection = new(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        connection.Open();
        Execute(connection, "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; CREATE TABLE fact(name TEXT, value TEXT)");
        using SqliteTransaction transaction = connection.BeginTransaction();
        using (SqliteCommand fact = connection.CreateCommand())
        {
            fact.CommandText = "INSERT INTO fact VALUES (@p0, @p1)";
            foreach ((string name, string value) in input.Header.Facts)
            {
                fact.Parameters.Clear();
                _ = fact.Parameters.AddWithValue("@p0", name);
                _ = fact.Parameters.AddWithValue("@p1", value);
                _ = fact.ExecuteNonQuery();
            }
        }

        Dictionary<EventKind, SqliteCommand> inserts = [];
        try
        {
            long sequence = 0;
            foreach (TraceEvent e in input.Events)
            {
                if (!inserts.TryGetValue(e.Kind, out SqliteCommand? insert))
                    inserts.Add(e.Kind, insert = CreateTable(connection, e.Kind));
                Insert(insert, in e, sequence++);
            }
        }
        finally
        {
            foreach (SqliteCommand insert in inserts.Values)
                insert.Dispose();
        }

        CreateView(connection, [.. input.Header.Kinds.Where(inserts.ContainsKey)]);
        transaction.Commit();
    }

    private static SqliteCommand CreateTable(SqliteConnection connection, EventKind kind)
    {
        string columns = string.Concat(kind.Fields.Select(f => $", {Name(f.Name)} {(f.Type == FieldType.Text ? "TEXT" : "INTEGER")}"));
        Execute(connection, $"CREATE TABLE {Name(kind.Name)}(seq INTEGER PRIMARY KEY, ns INTEGER, fs INTEGER{columns})");
        SqliteCommand insert = connection.CreateCommand();
        int values = 3 + kind.FieldCount;
        insert.CommandText = $"INSERT INTO {Name(kind.Name)} VALUES ({string.Join(", ", Enumerable.Range(0, values).Select(i => $"@p{i}"))})";
        for (int i = 0; i < values; i++)
            _ = insert.Parameters.Add(new SqliteParameter($"@p{i}", 0L));
        insert.Prepare();
        return insert;
    }

    private static void Insert(SqliteCommand insert, in TraceEvent e, long sequence)
    {
        insert.Parameters[0].Value = sequence;
        insert.Parameters[1].Value = (long)ExportText.Nanoseconds(e.Time);
        insert.Parameters[2].Value = (long)(ulong)(e.Time.Femtoseconds % PerNanosecond);
        for (int i = 0; i < e.Kind.FieldCount; i++)
            insert.Parameters[3 + i].Value = Value(in e, i);
        _ = insert.ExecuteNonQuery();
    }

    private static object Value(in TraceEvent e, int field)
    {
        if (field == e.Kind.TextField)
            return e.Text ?? "";
        return e.Kind.Fields[field].Type == FieldType.Delay && e.Values[field] == ulong.MaxValue ? DBNull.Value : unchecked((long)e.Values[field]);
    }

    private static void CreateView(SqliteConnection connection, IReadOnlyList<EventKind> kinds)
    {
        if (kinds.Count == 0)
            return;
        IEnumerable<string> parts = kinds.Select(k =>
        {
            EventField? core = k.Fields.FirstOrDefault(f => f.Type == FieldType.Core);
            return $"SELECT seq, ns, fs, '{k.Name.Replace("'", "''", StringComparison.Ordinal)}' AS kind, {(core == null ? "NULL" : Name(core.Name))} AS core FROM {Name(k.Name)}";
        });
        Execute(connection, string.Create(CultureInfo.InvariantCulture, $"CREATE VIEW event AS {string.Join(" UNION ALL ", parts)}"));
    }

    private static void Execute(SqliteConnection connection, string text)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = text;
        _ = command.ExecuteNonQuery();
    }

    private static string Name(string name) => '"' + name.Replace('-', '_').Replace("\"", "\"\"", StringComparison.Ordinal) + '"';
}
