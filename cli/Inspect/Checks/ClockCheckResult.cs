using System.Globalization;
using System.Text.Json;
using CoSim.Cli.Terminal;
using CoSim.Hw.Simulation;

namespace CoSim.Cli.Inspect.Checks;

/// <summary>What came of the checks of a machine's clocks.</summary>
/// <param name="Model">The processor.</param>
/// <param name="Cores">Its cores.</param>
/// <param name="Interval">Simulated time over which rates were measured.</param>
/// <param name="Checks">Every check, in order.</param>
/// <remarks>
/// As JSON: an object with "schema" (<see cref="Schema"/>), "model", "cores", "intervalNanoseconds", "agrees", "firstDisagreement" (a check's name, or null)
/// and "checks": objects with "name", "declared", "found", "tolerance", "rule" and "agrees".
/// </remarks>
internal sealed record ClockCheckResult(string Model, int Cores, SimDuration Interval, IReadOnlyList<ClockCheck> Checks)
{
    /// <summary>Name and version of the format.</summary>
    public const string Schema = "cosim.inspect.clocks.check/1";

    /// <summary>The first check that failed; null when all agree.</summary>
    public ClockCheck? FirstDisagreement => Checks.FirstOrDefault(c => !c.Agrees);

    /// <summary>Writes a table and, below it, the verdict.</summary>
    public void Write(TextWriter output)
    {
        TextTable table = new TextTable().Words("check").Words("declared").Words("found").Words("tolerance").Words("agrees").Words("rule");
        foreach (ClockCheck check in Checks)
            table.Row(check.Name, check.Declared, check.Found, check.Tolerance, check.Agrees ? "yes" : "NO", check.Rule);
        Screen.For(output).Write(table);
        output.WriteLine(FirstDisagreement is { } first
            ? $"first disagreement: {first.Name}: declared {first.Declared}, found {first.Found}"
            : string.Create(CultureInfo.InvariantCulture, $"all {Checks.Count} agree"));
    }

    /// <summary>Writes JSON.</summary>
    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("schema", Schema);
        json.WriteString("model", "EPYC " + Model);
        json.WriteNumber("cores", Cores);
        json.WriteNumber("intervalNanoseconds", (long)(Interval.Femtoseconds / SimDuration.FemtosecondsPerNanosecond));
        json.WriteBoolean("agrees", FirstDisagreement is null);
        json.WriteString("firstDisagreement", FirstDisagreement?.Name);
        json.WriteStartArray("checks");
        foreach (ClockCheck check in Checks)
        {
            json.WriteStartObject();
            json.WriteString("name", check.Name);
            json.WriteString("declared", check.Declared);
            json.WriteString("found", check.Found);
            json.WriteString("tolerance", check.Tolerance);
            json.WriteString("rule", check.Rule);
            json.WriteBoolean("agrees", check.Agrees);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
