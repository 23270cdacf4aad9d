using CoSim.Hw.Simulation;

namespace CoSim.Cli.Debug.Target;

/// <summary>RAM and ROM as a debugger reads and writes them: without side effects on the core, never a device.</summary>
internal static unsafe class TargetMemory
{
    /// <summary>Reads through a core's page tables, whatever its privilege level, with the stores that it has retired and not yet written.</summary>
    /// <returns>How many bytes there are, from the first one on.</returns>
    public static int ReadLinear(MachineCore core, ulong linear, Span<byte> destination)
    {
        int done = 0;
        while (done < destination.Length)
        {
            ulong at = linear + (ulong)done;
            Span<byte> part = destination.Slice(done, PartOf(at, destination.Length - done));
            if (!core.Context.Virtual.TryFind(at, out ulong physical) || !core.Context.Memory.IsMemory(physical, part.Length))
                break;
            core.Context.Memory.Read(physical, part);
            core.PeekStores(physical, part);
            done += part.Length;
        }

        return done;
    }

    /// <summary>Writes RAM through a core's page tables, all or nothing.</summary>
    public static bool WriteLinear(MachineCore core, ulong linear, ReadOnlySpan<byte> source)
    {
        List<(ulong Physical, int Length)> parts = [];
        for (int done = 0; done < source.Length;)
        {
            ulong at = linear + (ulong)done;
            int length = PartOf(at, source.Length - done);
            if (!core.Context.Virtual.TryFind(at, out ulong physical) || !IsRam(core.Context.Memory, physical))
                return false;
            parts.Add((physical, length));
            done += length;
        }

        foreach ((ulong physical, int length) in parts)
        {
            core.Context.Memory.Write(physical, source[..length]);
            source = source[length..];
        }

        return true;
    }

    /// <summary>Reads by physical address.</summary>
    /// <returns>How many bytes there are, from the first one on.</returns>
    public static int ReadPhysical(PhysicalMemory memory, ulong physical, Span<byte> destination)
    {
        int done = 0;
        while (done < destination.Length)
        {
            ulong at = physical + (ulong)done;
            Span<byte> part = destination.Slice(done, PartOf(at, destination.Length - done));
            if (!memory.IsMemory(at, part.Length))
                break;
            memory.Read(at, part);
            done += part.Length;
        }

        return done;
    }

    private static bool IsRam(PhysicalMemory memory, ulong physical) => memory.PointerTo(physical, out bool writable) != null && writable;

    private static int PartOf(ulong address, int length) =>
        (int)Math.Min((ulong)length, PhysicalMemory.PageSize - (address % PhysicalMemory.PageSize));
}
