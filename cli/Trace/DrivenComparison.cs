using System.Globalization;
using System.Text.Json;
using CoSim.Cli.Running;
using CoSim.Cli.Terminal;
using CoSim.Hw.Zen2Core.OutOfOrder;
using CoSim.Traces.Format;

namespace CoSim.Cli.Trace;

/// <summary>A recorded run, the timing model driven by it, and the model driven by it with other parameters.</summary>
/// <param name="Recorded">The cycles in the trace.</param>
/// <param name="Driven">Those of the model with the parameters of the recording.</param>
/// <param name="Changed">Those with other parameters; null when none were asked for.</param>
/// <param name="Names">Names of addresses.</param>
/// <param name="Mispredictions">Branches that the model predicted wrongly.</param>
/// <param name="Unknown">Operands and pages that the trace did not tell.</param>
internal sealed record DrivenComparison(PathCosts Recorded, PathCosts Driven, PathCosts? Changed, TraceSymbols Names, ulong Mispredictions, ulong Unknown)
{
    private PathCosts Last => Changed ?? Driven;

    private PathCosts Before => Changed == null ? Recorded : Driven;

    /// <summary>Writes the findings for people.</summary>
    public void Write(TextWriter output)
    {
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"driven by the trace, nothing executed: {Driven.Instructions} instructions, {Mispredictions} mispredicted branches, {Unknown} operands unknown"));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"cycles not halted: {Recorded.Awake} recorded, {Driven.Awake} driven, {Share(Recorded.Awake, Driven.Awake)}"));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"and not at a device: {Recorded.Modelled} recorded, {Driven.Modelled} driven, {Share(Recorded.Modelled, Driven.Modelled)}"));
        if (Changed != null)
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"with the changes: {Changed.Awake} driven, {Share(Driven.Awake, Changed.Awake)}"));
        TextTable table = new TextTable().Words("cause").Numbers("recorded").Numbers("driven");
        if (Changed != null)
            table = table.Numbers("with changes");
        table = table.Numbers("difference");
        for (int i = 0; i < CycleCauses.Count; i++)
        {
            if (Recorded.Causes[i] == 0 && Driven.Causes[i] == 0 && Last.Causes[i] == 0)
                continue;
            string[] numbers = [.. ((ulong[])[Recorded.Causes[i], Driven.Causes[i]]).Concat(Changed == null ? [] : [Changed.Causes[i]]).Select(n => n.ToString(CultureInfo.InvariantCulture))];
            table.Row([CauseNames.Detailed[i], .. numbers, Signed(Before.Causes[i], Last.Causes[i])]);
        }

        output.WriteLine();
        Screen.For(output).Write(table);
        SymbolCosts.Write(output, SymbolCosts.Compare(Before.BySymbol(Names), Last.BySymbol(Names)));
    }

    /// <summary>Adds the findings to a JSON object. Lists are of recorded, driven and, if asked for, changed cycles.</summary>
    public void Write(Utf8JsonWriter json)
    {
        json.WriteNumber("instructions", Driven.Instructions);
        json.WriteNumber("mispredictions", Mispredictions);
        json.WriteNumber("unknownOperands", Unknown);
        WriteNumbers(json, "awakeCycles", c => c.Awake);
        WriteNumbers(json, "cycles", c => c.Causes.Total);
        json.WriteStartObject("causes");
        for (int i = 0; i < CycleCauses.Count; i++)
        {
            int cause = i;
            WriteNumbers(json, CauseNames.Detailed[cause], c => c.Causes[cause]);
        }

        json.WriteEndObject();
        json.WriteStartArray("symbols");
        Dictionary<string, (ulong Instructions, ulong Cycles)> recorded = Recorded.BySymbol(Names), driven = Driven.BySymbol(Names), changed = Last.BySymbol(Names);
        foreach (string name in recorded.Keys.Order(StringComparer.Ordinal))
        {
            json.WriteStartObject();
            json.WriteString("symbol", name);
            json.WriteNumber("instructions", recorded[name].Instructions);
            json.WriteStartArray("cycles");
            json.WriteNumberValue(recorded[name].Cycles);
            json.WriteNumberValue(driven.GetValueOrDefault(name).Cycles);
            if (Changed != null)
                json.WriteNumberValue(changed.GetValueOrDefault(name).Cycles);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private void WriteNumbers(Utf8JsonWriter json, string name, Func<PathCosts, ulong> value)
    {
        json.WriteStartArray(name);
        json.WriteNumberValue(value(Recorded));
        json.WriteNumberValue(value(Driven));
        if (Changed != null)
            json.WriteNumberValue(value(Changed));
        json.WriteEndArray();
    }

    private static string Signed(ulong before, ulong then) => unchecked((long)(then - before)).ToString("+0;-0;0", CultureInfo.InvariantCulture);

    /// <summary>A difference and its share of the first in hundredths of a percent, rounded towards zero.</summary>
    private static string Share(ulong before, ulong then)
    {
        const long wholes = 10_000;
        long difference = unchecked((long)(then - before));
        long share = before == 0 ? 0 : (long)((Int128)difference * wholes / before);
        return string.Create(CultureInfo.InvariantCulture, $"{difference:+0;-0;0} ({(share < 0 ? "-" : "")}{Math.Abs(share) / 100}.{Math.Abs(share) % 100:D2} %)");
    }
}
