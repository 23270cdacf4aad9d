using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace CoSim.Tests.HostOracle;

/// <summary>
/// The processor this process runs on, as an oracle: executes instruction bytes natively and reports the registers,
/// the scratch memory and the exception, if any. One instance per process; not thread-safe.
/// </summary>
public sealed unsafe class HostCpu
{
    private static readonly Lock s_gate = new();
    private static HostCpu? s_instance;

    private readonly ThunkCode _thunk;

    private HostCpu(ThunkCode thunk) => _thunk = thunk;

    /// <summary>Why the oracle cannot run on this host, or null when it can.</summary>
    public static string? Unavailable
    {
        get
        {
            if (!OperatingSystem.IsLinux())
                return "the host oracle needs Linux (fixed low mappings and sigaction)";
            if (RuntimeInformation.ProcessArchitecture != Architecture.X64)
                return "the host oracle needs an x86-64 host";
            return null;
        }
    }

    /// <summary>The scratch memory that instructions may touch (<see cref="OracleLayout.ScratchSize"/> bytes).</summary>
    public Span<byte> Scratch => new((void*)OracleLayout.Scratch, OracleLayout.ScratchSize);

    /// <summary>The oracle of this process; mapped and assembled at first use.</summary>
    /// <exception cref="PlatformNotSupportedException">The host cannot run the oracle; see <see cref="Unavailable"/>.</exception>
    public static HostCpu Open()
    {
        lock (s_gate)
        {
            if (s_instance is not null)
                return s_instance;
            if (Unavailable is string reason)
                throw new PlatformNotSupportedException(reason);
            MapOrThrow(OracleLayout.InputImage, 0x3000, false);
            MapOrThrow(OracleLayout.Thunk, 0x1000, true);
            MapOrThrow(OracleLayout.Code, OracleLayout.CodeSize, true);
            MapOrThrow(OracleLayout.Scratch, OracleLayout.ScratchSize, false);
            MapOrThrow(OracleLayout.ReadOnly, OracleLayout.ReadOnlySize, false);
            for (int n = 0; n < OracleLayout.ReadOnlySize; n++)
                ((byte*)OracleLayout.ReadOnly)[n] = OracleLayout.ReadOnlyByte(n);
            if (!HostMemory.TryMakeReadOnly(OracleLayout.ReadOnly, OracleLayout.ReadOnlySize))
                throw new PlatformNotSupportedException($"cannot protect the page at {OracleLayout.ReadOnly:X}h, which the host oracle needs");
            ThunkCode thunk = HostThunk.Assemble(Avx.IsSupported, HostFeatures.SetsSegmentBases);
            thunk.Bytes.CopyTo(new Span<byte>((void*)OracleLayout.Thunk, 0x1000));
            *(uint*)HostThunk.FarTarget = (uint)OracleLayout.Code;
            *(ushort*)(HostThunk.FarTarget + 4) = OracleLayout.UserCode32;
            FaultCatcher.Install(thunk.Handler);
            return s_instance = new HostCpu(thunk);
        }
    }

    /// <summary>Places instruction bytes at <see cref="OracleLayout.Code"/>, followed by the way back.</summary>
    /// <param name="code">At most 64 bytes that fall through their end.</param>
    public void Load(ReadOnlySpan<byte> code)
    {
        Span<byte> page = new((void*)OracleLayout.Code, OracleLayout.CodeSize);
        code.CopyTo(page);

        // JMP rel32 to the exit thunk.
        page[code.Length] = 0xE9;
        long displacement = (long)_thunk.Exit - (long)(OracleLayout.Code + (ulong)code.Length + 5);
        BitConverter.TryWriteBytes(page.Slice(code.Length + 1, 4), (int)displacement);
    }

    /// <summary>Places a program at <see cref="OracleLayout.Code"/>; wherever it leaves its bytes it meets INT3.</summary>
    /// <param name="code">At most <see cref="OracleLayout.ProgramSize"/> bytes.</param>
    public void LoadProgram(ReadOnlySpan<byte> code)
    {
        const byte breakpoint = 0xCC;
        Span<byte> page = new((void*)OracleLayout.Code, OracleLayout.ProgramSize + 64);
        page.Fill(breakpoint);
        code.CopyTo(page);
    }

    /// <summary>
    /// Runs the loaded program until an exception ends it. A breakpoint is the ordinary end and reported as none, with the
    /// instruction pointer at the INT3.
    /// </summary>
    /// <param name="input">Registers before.</param>
    /// <param name="output">Registers at the end.</param>
    public void RunProgram(in MachineImage input, out MachineImage output)
    {
        Run(_thunk.Entry, input, out output);
        TakeBreakpoint(ref output);
    }

    /// <summary>The same in 32-bit code, which a 64-bit process enters by a far jump: flat segments, eight general registers of 32 bits.</summary>
    /// <param name="input">Registers before; of the general registers the lower halves of the first eight count.</param>
    /// <param name="output">Registers at the end; what 32-bit code does not have is zero.</param>
    public void RunProgram32(in MachineImage input, out MachineImage output)
    {
        Run(_thunk.Entry32, input, out output);
        TakeBreakpoint(ref output);
        output.Narrow();
    }

    private static void TakeBreakpoint(ref MachineImage output)
    {
        const int breakpoint = 3;
        if (output.FaultVector != breakpoint)
            return;
        output.FaultVector = -1;
        output.FaultRip--;
    }

    /// <summary>Runs the loaded bytes once from the given registers; <see cref="Scratch"/> is read and written in place.</summary>
    /// <param name="input">Registers before. Trap and alignment-check flags must be clear; MXCSR reserved bits too.</param>
    /// <param name="output">Registers after, or at the exception that is reported in it.</param>
    public void Run(in MachineImage input, out MachineImage output) => Run(_thunk.Entry, input, out output);

    private static void Run(ulong entry, in MachineImage input, out MachineImage output)
    {
        *(MachineImage*)OracleLayout.InputImage = input;
        MachineImage* result = (MachineImage*)OracleLayout.OutputImage;
        result->FaultVector = -1;
        result->FaultCode = 0;
        result->FaultAddress = 0;
        ((delegate* unmanaged<void>)entry)();
        output = *result;
    }

    private static void MapOrThrow(ulong address, int size, bool executable)
    {
        if (!HostMemory.TryMap(address, size, executable))
            throw new PlatformNotSupportedException($"cannot map {size} bytes at {address:X}h, which the host oracle needs");
    }
}
