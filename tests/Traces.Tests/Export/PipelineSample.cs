using CoSim.Hw.Simulation;
using CoSim.Traces.Format;

namespace CoSim.Traces.Tests.Export;

/// <summary>A program that calls a function in a loop, with its micro-ops: <c>call f; dec ecx; jnz</c> and <c>f: mov eax, [rdi]; ret</c>; an interrupt comes between.</summary>
internal static class PipelineSample
{
    private const ulong Main = 0x40_1000, Function = 0x7F00_0000_0100, Handler = 0xFFFF_FFFF_8000_0000;
    private static readonly Frequency Clock = new(2_250_000_000, 1);

    private static readonly SymbolImage[] Images =
    [
        new("program", 0, [new TraceSymbol(Main, 0x10, "main")]),
        new("vdso", null, [new TraceSymbol(0x100, 0x20, "f"), new TraceSymbol(0x200, 0, "g")]),
        new("kernel", 0, [new TraceSymbol(Handler, 0x100, "handler")]),
    ];

    public static byte[] Trace()
    {
        MemoryStream stream = new();
        TraceWriter writer = new(stream, new TraceHeader(TraceLevel.Pipeline, [new(TraceHeader.CoreClockFact, Clock.ToString())], TraceEvents.All));
        writer.WriteData(TraceSymbols.DataName, TraceSymbols.Write(Images));
        foreach (TraceEvent e in Events())
            writer.Write(in e);
        writer.Finish();
        return stream.ToArray();
    }

    private static IEnumerable<TraceEvent> Events()
    {
        TraceEvent image = new(TraceEvents.Image, SimTime.Zero) { Text = "vdso" };
        image.Values[0] = Function - 0x100;
        yield return image;
        // call rel32 to nowhere in particular: the path is what retired. dec ecx; jnz main; mov eax, [rdi]; ret; iretq.
        yield return Code(Main, 5, 0x00_0000_00E8);
        yield return Code(Main + 5, 2, 0xC9FF);
        yield return Code(Main + 7, 2, 0xF775);
        yield return Code(Function, 2, 0x078B);
        yield return Code(Function + 2, 1, 0xC3);
        yield return Code(Handler, 2, 0xCF48);
        ulong cycle = 1000;
        for (int round = 0; round < 3; round++)
        {
            foreach ((ulong rip, ulong cycles, int cause) in ((ulong, ulong, int)[])[(Main, 2, 4), (Function, 5, 8), (Function + 2, 0, 0), (Main + 5, 1, 0), (Main + 7, 0, 0)])
            {
                cycle += cycles;
                yield return MicroOp(rip, 0, cycle);
                if (rip == Main)
                    yield return MicroOp(rip, 1, cycle);
                yield return Instruction(TraceEvents.Retire, rip, cycle, cycles, cause);
            }

            if (round != 1)
                continue;
            cycle += 150;
            yield return Instruction(TraceEvents.Deliver, Main, cycle, 150, 18);
            cycle += 20;
            yield return Instruction(TraceEvents.Retire, Handler, cycle, 20, 17);
        }
    }

    private static TraceEvent Code(ulong rip, ulong length, ulong bytes)
    {
        TraceEvent e = new(TraceEvents.Code, SimTime.Zero);
        e.Values[1] = rip;
        e.Values[2] = 64;
        e.Values[3] = length;
        e.Values[4] = bytes;
        return e;
    }

    private static TraceEvent Instruction(EventKind kind, ulong rip, ulong cycle, ulong cycles, int cause)
    {
        TraceEvent e = new(kind, SimTime.Zero);
        e.Values[1] = rip;
        e.Values[2] = cycle;
        e.Values[3] += cycles > 0 ? 1u : 0;
        e.Values[3 + cause] += cycles > 0 ? cycles - 1 : 0;
        return e;
    }

    private static TraceEvent MicroOp(ulong rip, ulong index, ulong retire)
    {
        TraceEvent e = new(TraceEvents.MicroOp, SimTime.Zero);
        ulong[] values = [0, rip, index, retire - 20, retire - 8, retire - 7, retire - 5, retire - 4, retire - 2, retire, rip == Function ? 5ul : 1, index == 0 ? 1u : 0];
        values.CopyTo(e.Values[..]);
        return e;
    }
}
