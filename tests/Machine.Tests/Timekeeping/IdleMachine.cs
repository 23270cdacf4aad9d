using System.Buffers.Binary;
using CoSim.Hw.Board;
using CoSim.Hw.Simulation;
using CoSim.Os.Loader;

namespace CoSim.Machine.Tests.Timekeeping;

/// <summary>A machine whose operating system has one program that waits for ever: the kernel's own life is what happens.</summary>
internal static class IdleMachine
{
    /// <summary>Two instructions and a jump: pause(2) again and again.</summary>
    private static ReadOnlySpan<byte> Code => [0xB8, 34, 0, 0, 0, 0x0F, 0x05, 0xEB, 0xF7];

    /// <summary>Makes the machine; nothing has run yet.</summary>
    public static Bench Create(int cores, string parameters, params long[] tscOffsets)
    {
        CpioWriter archive = new();
        archive.AddFile("wait", 0x1ED, Program());
        return Create(cores, $"init=/wait {parameters}", archive, tscOffsets);
    }

    private static Bench Create(int cores, string parameters, CpioWriter archive, long[] tscOffsets) => new(new MachineSpec
    {
        Model = EpycModel.Find("7742")!,
        Cores = cores,
        MemoryBytes = 64UL << 20,
        Flash = Bench.BuildFlash("console=ttyS0 " + parameters, archive.Finish()),
        Engine = EngineKind.Functional,
        Seed = 1,
        TscOffsets = tscOffsets,
    });

    /// <summary>
    /// The console of a machine that runs a shell script, without the kernel's lines, until this many milliseconds after reset. Ignores
    /// the test where there is no static busybox.
    /// </summary>
    public static string[] Shell(int cores, string parameters, string script, long milliseconds)
    {
        string? busybox = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(d => Path.Combine(d, "busybox")).FirstOrDefault(File.Exists);
        if (busybox is null) Assert.Ignore("busybox is not installed");
        CpioWriter archive = new();
        archive.AddDirectory("bin", 0x1ED);
        archive.AddFile("bin/busybox", 0x1ED, File.ReadAllBytes(busybox!));
        archive.AddFile("script", 0x1ED, System.Text.Encoding.ASCII.GetBytes(script + "\nbusybox echo == end\nbusybox sleep 1000\n"));
        using Bench bench = Create(cores, $"init=/bin/busybox {parameters} -- sh /script", archive, []);
        RunTo(bench, milliseconds);
        string[] lines = [.. bench.Console.Replace("\r", "", StringComparison.Ordinal).Split('\n').SkipWhile(l => !l.StartsWith("== ", StringComparison.Ordinal)).Where(l => l.Length != 0)];
        Assert.That(lines, Has.Some.EqualTo("== end"), bench.Console);
        return lines;
    }

    /// <summary>Runs until this many milliseconds after reset.</summary>
    public static void RunTo(Bench bench, long milliseconds) => bench.RunTo(SimTime.Zero + SimDuration.FromMilliseconds(milliseconds));

    /// <summary>Moves the TSC of a core, as firmware does that writes it behind the system's back.</summary>
    public static unsafe void MoveTsc(Bench bench, int core, long cycles) => bench.Machine.Cores[core].Context.State->TscOffset += (ulong)cycles;

    /// <summary>The log without its time stamps, from the last line that contains <paramref name="from"/> on.</summary>
    public static string[] LogFrom(Bench bench, string from)
    {
        string[] lines = [.. bench.Console.Replace("\r", "", StringComparison.Ordinal).Split('\n').Where(l => l.StartsWith('[')).Select(l => l[(l.IndexOf(']', StringComparison.Ordinal) + 2)..])];
        int at = Array.FindLastIndex(lines, l => l.Contains(from, StringComparison.Ordinal));
        Assert.That(at, Is.GreaterThanOrEqualTo(0), $"no line with '{from}' in\n{bench.Console}");
        return lines[at..];
    }

    /// <summary>A static ELF file of one segment at 400000h.</summary>
    private static byte[] Program()
    {
        const int Header = 64, SegmentHeader = 56, Start = Header + SegmentHeader;
        byte[] file = new byte[Start + Code.Length];
        new byte[] { 0x7F, (byte)'E', (byte)'L', (byte)'F', 2, 1, 1 }.CopyTo(file, 0);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(16), 2); // executable
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(18), 62); // x86-64
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(20), 1);
        BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(24), 0x400000 + Start);
        BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(32), Header);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(52), Header);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(54), SegmentHeader);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(56), 1);
        Span<byte> segment = file.AsSpan(Header);
        BinaryPrimitives.WriteUInt32LittleEndian(segment, 1); // PT_LOAD
        BinaryPrimitives.WriteUInt32LittleEndian(segment[4..], 5); // readable, executable
        BinaryPrimitives.WriteUInt64LittleEndian(segment[16..], 0x400000);
        BinaryPrimitives.WriteUInt64LittleEndian(segment[24..], 0x400000);
        BinaryPrimitives.WriteUInt64LittleEndian(segment[32..], (ulong)file.Length);
        BinaryPrimitives.WriteUInt64LittleEndian(segment[40..], (ulong)file.Length);
        BinaryPrimitives.WriteUInt64LittleEndian(segment[48..], 0x1000);
        Code.CopyTo(file.AsSpan(Start));
        return file;
    }
}
