using CoSim.Hw.Simulation;
using CoSim.Hw.Zen2Core;
using CoSim.Hw.Zen2Core.Isa;
using CoSim.Hw.Zen2Core.Privileged;
using CoSim.Tests.HostOracle;

namespace CoSim.Zen2Core.Oracle.Tests.Manual;

/// <summary>
/// A core on one engine that runs a single instruction from a <see cref="ManualState"/>: the rest of the code page ends the run, with HLT
/// where the manual says that level 0 goes on and with INT3 elsewhere; every exception is taken on a stack of its own.
/// </summary>
internal sealed unsafe class ManualMachine : IDisposable
{
    private const ulong CycleLimit = 100_000;
    private const byte Hlt = 0xF4, Int3 = 0xCC;

    private readonly OracleMachine _machine;
    private readonly ICoreEngine _engine;
    private readonly ManualDevice _device = new();

    public ManualMachine(string engine)
    {
        _machine = new OracleMachine(translate: engine == Engines.Translated);
        _machine.Core.Environment.Ports.Map("manual", 0, 0x1_0000, _device, default);
        _engine = Engines.Make(engine, _machine);

        Span<byte> gate = stackalloc byte[8];

        // Every gate takes the first interrupt stack; programs may raise the even vectors.
        for (ulong vector = 0; vector < 256; vector++)
        {
            ulong at = OracleKernel.Idt + (vector * 16);
            _machine.Memory.Read(at, gate);
            gate[4] = 1;
            gate[5] = (byte)(vector % 2 == 0 || vector == ExceptionVector.Breakpoint ? 0xEE : 0x8E);
            _machine.Memory.Write(at, gate);
        }
    }

    /// <summary>A byte of memory.</summary>
    public byte Read(ulong physical) => *_machine.Memory.PointerTo(physical, out _);

    /// <summary>Memory from an address on, within RAM.</summary>
    public ReadOnlySpan<byte> Read(ulong physical, int bytes) => new(_machine.Memory.PointerTo(physical, out _), bytes);

    /// <summary>Sets memory before the manual's operation looks at it.</summary>
    public void SetMemory(ReadOnlySpan<byte> tables, ReadOnlySpan<byte> scratch)
    {
        _engine.Quiesce();
        _machine.Memory.Write(ManualLayout.Tables, tables);
        _machine.Memory.Write(OracleLayout.Scratch, scratch);
    }

    /// <summary>Runs the instruction.</summary>
    /// <param name="code">Its bytes.</param>
    /// <param name="before">State before.</param>
    /// <param name="endsWithHalt">Level 0 goes on behind it.</param>
    /// <param name="after">State after, or at the exception.</param>
    /// <returns>The exception, or null when HLT ended the run.</returns>
    public ExceptionFrame? Run(ReadOnlySpan<byte> code, ManualState before, bool endsWithHalt, out ManualState after)
    {
        CpuState* s = _machine.State;
        byte[] page = new byte[OracleLayout.ProgramSize];
        Array.Fill(page, endsWithHalt ? Hlt : Int3);
        code.CopyTo(page);
        _machine.Core.Code.Trim();
        _machine.Core.Code.Invalidate(OracleLayout.Code, OracleLayout.ProgramSize);
        _machine.Memory.Write(OracleLayout.Code, page);
        _device.Last = 0;
        ManualImages.Apply(before, _machine.Core);
        _engine.Attach(_engine.NowCycles);
        _engine.Run(_engine.NowCycles + CycleLimit);
        if (s->Activity != ActivityState.Halted)
            throw new InvalidOperationException($"{Convert.ToHexString(code)} did not end: at {s->Rip:X}h");
        _engine.Quiesce();
        after = ManualImages.Take(_machine.Core);
        after.Msr[ManualDevice.Written] = _device.Last;
        if (s->Rip < OracleKernel.Base)
            return null;
        ExceptionFrame frame = OracleKernel.Taken(s, _machine.Memory);
        after.Gpr[4] = frame.Rsp;
        return frame;
    }

    public void Dispose()
    {
        (_engine as IDisposable)?.Dispose();
        _machine.Dispose();
    }
}
