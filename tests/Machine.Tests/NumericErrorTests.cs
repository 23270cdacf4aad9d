using CoSim.Hw.Board;
using CoSim.Hw.Simulation;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace CoSim.Machine.Tests;

/// <summary>
/// x87 exceptions with CR0.NE clear: FERR#, IRQ 13 through the PICs, port F0h, IGNNE# (AMD APM vol. 2, 3.1.1; IBM AT). With CR0.NE set they are #MF.
/// </summary>
public sealed class NumericErrorTests
{
    private const uint InterruptTable = 0x2000, Handler = 0x21000, NumericHandler = 0x22000, Constants = 0x5000, Results = 0x6000;
    private const uint Interrupts = Results, Status = Results + 4, Exceptions = Results + 8, After = Results + 12, ThenStatus = Results + 20;
    private const byte MasterBase = 0x20, SlaveBase = 0x28, NumericLine = 5, NumericVector = 16;
    private const uint ZeroDivide = 4, Summary = 0x80;
    private static readonly SimTime End = SimTime.Zero + SimDuration.FromMilliseconds(5);

    /// <summary>The handler clears the exception, after which the instruction that waited goes on.</summary>
    [Test]
    public void AnUnmaskedExceptionInterruptsByIrq13([Values] EngineKind engine)
    {
        using Bench bench = Run(engine, numericError: false, clears: true, enabled: true);
        Assert.Multiple(() =>
        {
            Assert.That(ProtectedProgram.Read(bench, Interrupts), Is.EqualTo(1));
            Assert.That(ProtectedProgram.Read(bench, Status) & (Summary | ZeroDivide), Is.EqualTo(Summary | ZeroDivide));
            Assert.That(ProtectedProgram.Read(bench, ThenStatus) & (Summary | ZeroDivide), Is.Zero);
            Assert.That(ProtectedProgram.Read(bench, Exceptions), Is.Zero, "#MF");
            Assert.That(ProtectedProgram.Read(bench, After), Is.EqualTo(7));
        });
    }

    /// <summary>One that writes port F0h only has IGNNE# asserted: the exception stays, and the x87 goes on all the same, once.</summary>
    [Test]
    public void PortF0IgnoresTheException([Values] EngineKind engine)
    {
        using Bench bench = Run(engine, numericError: false, clears: false, enabled: true);
        Assert.Multiple(() =>
        {
            Assert.That(ProtectedProgram.Read(bench, Interrupts), Is.EqualTo(1));
            Assert.That(ProtectedProgram.Read(bench, ThenStatus) & (Summary | ZeroDivide), Is.EqualTo(Summary | ZeroDivide));
            Assert.That(ProtectedProgram.Read(bench, After), Is.EqualTo(7));
            Assert.That(bench.Machine.ReadMsr(0, 0xC001_0115), Is.EqualTo(1), "IGNNE");
        });
    }

    [Test]
    public void WithNumericErrorSetItIsAnException([Values] EngineKind engine)
    {
        using Bench bench = Run(engine, numericError: true, clears: true, enabled: true);
        Assert.Multiple(() =>
        {
            Assert.That(ProtectedProgram.Read(bench, Interrupts), Is.Zero);
            Assert.That(ProtectedProgram.Read(bench, Exceptions), Is.EqualTo(1));
            Assert.That(ProtectedProgram.Read(bench, After), Is.EqualTo(7));
        });
    }

    /// <summary>Beside the emulator's test device nothing waits for the interrupt.</summary>
    [Test]
    public void WithTheTestDeviceTheCoreGoesOn([Values] EngineKind engine)
    {
        using Bench bench = Run(Bench.Spec(1) with { Engine = engine, Devices = EmulatorDevices.TestDevice }, numericError: false, clears: true, enabled: false, StopReason.PowerOff);
        Assert.Multiple(() =>
        {
            Assert.That(ProtectedProgram.Read(bench, After), Is.EqualTo(7));
            Assert.That(ProtectedProgram.Read(bench, Interrupts), Is.Zero);
            Assert.That(bench.Machine.Pic.Output.Asserted, Is.True, "IRQ 13 asks");
        });
    }

    /// <summary>Nothing goes on while the interrupt is held off; saved, restored and let in, it does.</summary>
    [Test]
    public void WithInterruptsOffTheCoreWaits([Values] EngineKind engine)
    {
        using Bench bench = Run(engine, numericError: false, clears: true, enabled: false);
        Assert.That(ProtectedProgram.Read(bench, After), Is.Zero);
        using Bench copy = new(Bench.Spec(1) with { Engine = engine });
        byte[] snapshot = bench.Machine.Save();
        copy.Machine.Restore(snapshot);
        Assert.That(copy.Machine.Save().AsSpan().SequenceEqual(snapshot));
        SimTime later = End + SimDuration.FromMicroseconds(10);
        Assert.That(bench.RunTo(later), Is.EqualTo(StopReason.TimeReached));
        Assert.That(copy.RunTo(later), Is.EqualTo(StopReason.TimeReached));
        Assert.That(copy.Machine.Save().AsSpan().SequenceEqual(bench.Machine.Save()));
        Assert.That(copy.Machine.Pic.Output.Asserted, Is.True, "IRQ 13 asks");
    }

    private static Bench Run(EngineKind engine, bool numericError, bool clears, bool enabled) =>
        Run(Bench.Spec(1) with { Engine = engine }, numericError, clears, enabled, enabled ? StopReason.PowerOff : StopReason.TimeReached);

    private static Bench Run(MachineSpec spec, bool numericError, bool clears, bool enabled, StopReason end)
    {
        Bench bench = new(spec);
        ProtectedProgram.Enter(bench.Machine, a => Divide(a, numericError, enabled));
        ProtectedProgram.Load(bench.Machine, 32, Handler, a => Irq13(a, clears));
        ProtectedProgram.Load(bench.Machine, 32, NumericHandler, Exception);
        bench.Machine.Load(InterruptTable + ((SlaveBase + NumericLine) * 8), ProtectedProgram.Gate(Handler));
        bench.Machine.Load(InterruptTable + (NumericVector * 8), ProtectedProgram.Gate(NumericHandler));
        // The control word with division by zero unmasked; the table's limit and address.
        bench.Machine.Load(Constants, [0x7B, 0x03, 0, 0, 0xFF, 0x01, .. BitConverter.GetBytes(InterruptTable)]);
        Assert.That(bench.RunTo(End), Is.EqualTo(end));
        return bench;
    }

    private static void Divide(Assembler a, bool numericError, bool enabled)
    {
        a.mov(esp, 0x70000);
        a.lidt(__[Constants + 4]);
        a.mov(eax, cr0);
        if (numericError)
            a.or(eax, 0x20);
        else
            a.and(eax, ~0x20);
        a.mov(cr0, eax);
        foreach ((byte port, byte value) in (ReadOnlySpan<(byte, byte)>)[
            (0x20, 0x11), (0x21, MasterBase), (0x21, 4), (0x21, 1), (0xA0, 0x11), (0xA1, SlaveBase), (0xA1, 2), (0xA1, 1), (0x21, 0xFB), (0xA1, 0xFF & ~(1 << NumericLine))])
        {
            a.mov(al, value);
            a.@out(port, al);
        }

        a.fninit();
        a.fldcw(__word_ptr[Constants]);
        a.fld1();
        a.fldz();
        a.fdivp(st1, st0);
        if (enabled)
            a.sti();
        a.fld1();
        a.mov(__dword_ptr[After], 7);
        a.fnstsw(__word_ptr[ThenStatus]);
        ProtectedProgram.PowerOff(a);
    }

    private static void Irq13(Assembler a, bool clears)
    {
        a.push(eax);
        a.inc(__dword_ptr[Interrupts]);
        a.fnstsw(__word_ptr[Status]);
        a.xor(eax, eax);
        a.@out(0xF0, al);
        if (clears)
            a.fnclex();
        a.mov(al, 0x20);
        a.@out(0xA0, al);
        a.@out(0x20, al);
        a.pop(eax);
        a.iretd();
    }

    private static void Exception(Assembler a)
    {
        a.inc(__dword_ptr[Exceptions]);
        a.fnclex();
        a.iretd();
    }
}
