using System.Text.Json;
using CoSim.Cli.Running;
using CoSim.Hw.Zen2Core.OutOfOrder;

namespace CoSim.Cli.Snippets;

/// <summary>What the detailed engine measured, as members of the result.</summary>
internal static class TimingJson
{
    /// <summary>Writes the member <c>timing</c>.</summary>
    public static void Write(Utf8JsonWriter json, SnippetResult result, SnippetTiming timing)
    {
        CodeListing listing = new(result.Request);
        json.WriteStartObject("timing");
        json.WriteNumber("runCycles", timing.RunCycles);
        json.WriteString("caches", timing.Cold ? "cold" : "warm");
        if (timing.Loop is { } loop)
            WriteLoop(json, loop);
        else
            json.WriteString("noLoop", timing.NoLoop);
        json.WriteNumber("cycles", timing.Record.Cycles.Total);
        WriteCauses(json, in timing.Record.Cycles);
        json.WriteStartArray("instructions");
        foreach (InstructionLine line in InstructionLine.Of(timing, listing))
            WriteInstruction(json, line);
        json.WriteEndArray();
        if (result.Request.Timeline > 0)
            WriteTimeline(json, TimelineRow.Of(result.Request, timing, listing));
        json.WriteEndObject();
    }

    private static void WriteLoop(Utf8JsonWriter json, LoopTiming loop)
    {
        json.WriteStartObject("loop");
        json.WriteBoolean("steady", loop.IsSteady);
        Write(json, "cyclesPerIteration", loop.CyclesPerIteration);
        Write(json, "instructionsPerIteration", loop.InstructionsPerIteration);
        Write(json, "macroOpsPerIteration", loop.PerIteration(c => c.MacroOps));
        Write(json, "microOpsPerIteration", loop.PerIteration(c => c.MicroOps));
        if (loop.InstructionsPerCycle is { } ipc)
            Write(json, "instructionsPerCycle", ipc);
        json.WriteStartObject("portsPerIteration");
        foreach (ExecutionPort port in SnippetNames.Ports)
        {
            if (loop.PerIteration(port) is { Numerator.Sign: > 0 } uses)
                Write(json, SnippetNames.Of(port), uses);
        }
        json.WriteEndObject();
        Bottleneck bottleneck = Bottleneck.Of(loop);
        json.WriteString("bottleneck", bottleneck.Resource ?? CauseNames.Detailed[(int)bottleneck.Cause]);
        json.WriteStartArray("bounds");
        foreach (ResourceBound bound in bottleneck.Bounds)
        {
            json.WriteStartObject();
            json.WriteString("resource", bound.Name);
            Write(json, "cycles", bound.Cycles);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteNumber("copies", loop.Copies);
        json.WriteNumber("shorterCopies", loop.ShorterCopies);
        json.WriteNumber("period", loop.Period);
        json.WriteNumber("warmUpLaps", loop.WarmUpLaps);
        json.WriteNumber("laps", loop.Laps);
        json.WriteNumber("lapCycles", loop.Cycles);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string name, Fraction value)
    {
        json.WriteStartObject(name);
        json.WriteString("exact", value.ToString());
        json.WritePropertyName("decimal");
        json.WriteRawValue(value.ToDecimal(4));
        json.WriteEndObject();
    }

    private static void WriteCauses(Utf8JsonWriter json, in CycleCounts cycles)
    {
        json.WriteStartObject("cyclesByCause");
        for (int n = 0; n < CycleCauses.Count; n++)
        {
            if (cycles[n] > 0)
                json.WriteNumber(CauseNames.Detailed[n], cycles[n]);
        }
        json.WriteEndObject();
    }

    private static void WriteInstruction(Utf8JsonWriter json, InstructionLine line)
    {
        InstructionCost cost = line.Cost;
        json.WriteStartObject();
        json.WriteString("address", SnippetJson.Hex(line.Address));
        if (line.Bytes.Length > 0)
            json.WriteString("bytes", line.Bytes);
        json.WriteString("text", line.Text);
        json.WriteNumber("times", cost.Times);
        json.WriteNumber("cycles", cost.Cycles.Total);
        WriteCauses(json, in cost.Cycles);
        json.WriteNumber("macroOps", cost.MacroOps);
        json.WriteNumber("microOps", cost.MicroOps);
        json.WriteNumber("executingCycles", cost.Executing);
        json.WriteNumber("waitedForSources", cost.WaitedForSources);
        json.WriteNumber("waitedForPort", cost.WaitedForPort);
        json.WriteNumber("waitedToRetire", cost.WaitedToRetire);
        json.WriteStartObject("ports");
        foreach (ExecutionPort port in SnippetNames.Ports)
        {
            if (cost.Ports[(int)port] > 0)
                json.WriteNumber(SnippetNames.Of(port), cost.Ports[(int)port]);
        }
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteTimeline(Utf8JsonWriter json, IReadOnlyList<TimelineRow> rows)
    {
        ulong origin = rows.Count == 0 ? 0 : rows.Min(r => r.Stages.Fetch);
        json.WriteStartArray("timeline");
        foreach (TimelineRow row in rows)
        {
            StageCycles s = row.Stages;
            json.WriteStartObject();
            json.WriteNumber("iteration", row.Iteration);
            json.WriteNumber("instruction", row.Instruction);
            json.WriteNumber("microOp", row.MicroOp);
            json.WriteNumber("fetch", s.Fetch - origin);
            json.WriteNumber("decode", s.Decode - origin);
            json.WriteNumber("dispatch", s.Dispatch - origin);
            json.WriteNumber("ready", s.Ready - origin);
            json.WriteNumber("issue", s.Issue - origin);
            json.WriteNumber("complete", s.Complete - origin);
            json.WriteNumber("retire", s.Retire - origin);
            json.WriteString("port", s.Port == ExecutionPort.None ? "none" : SnippetNames.Of(s.Port));
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }
}
