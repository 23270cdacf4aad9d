using CoSim.Hw.Board;
using CoSim.Hw.Simulation;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace CoSim.Machine.Tests;

/// <summary>
/// Programs written for an emulator take it that a write to a device has done what it does before the next instruction. With the emulator's test device
/// that holds on both engines; without it writes are posted (AMD APM vol. 2, 7.4).
/// </summary>
public sealed class DeviceWriteTests
{
    private const uint InterruptTable = 0x2000, Handler = 0x21000, Constants = 0x5000, Count = 0x6000, Masked = 0x6004, Unmasked = 0x6008;
    private const uint IoApic = 0xFEC0_0000, LocalApic = 0xFEE0_0000;
    private const int Pin = 14, Redirection = 0x10 + (2 * Pin), MaskBit = 1 << 16;
    private const byte Vector = 0x30;

    [Test]
    public void AnInterruptThatAWriteUnmasksComesBeforeTheNextInstruction([Values] EngineKind engine)
    {
        using Bench bench = new(Bench.Spec(1) with { Engine = engine, Devices = EmulatorDevices.TestDevice });
        ProtectedProgram.Enter(bench.Machine, Unmask);
        ProtectedProgram.Load(bench.Machine, 32, Handler, Handle);
        bench.Machine.Load(InterruptTable + (Vector * 8), ProtectedProgram.Gate(Handler));
        bench.Machine.Load(Constants, [0xFF, 0x01, .. BitConverter.GetBytes(InterruptTable)]);
        Assert.That(bench.RunTo(SimTime.Zero + SimDuration.FromMilliseconds(5)), Is.EqualTo(StopReason.PowerOff));
        Assert.Multiple(() =>
        {
            Assert.That(ProtectedProgram.Read(bench, Masked), Is.Zero);
            Assert.That(ProtectedProgram.Read(bench, Unmasked), Is.EqualTo(1));
            Assert.That(ProtectedProgram.Read(bench, Count), Is.EqualTo(1));
        });
    }

    private static void Unmask(Assembler a)
    {
        a.mov(esp, 0x70000);
        a.lidt(__[Constants]);
        a.mov(ebx, LocalApic);
        a.mov(__dword_ptr[ebx + 0xF0], 0x1FF);
        a.mov(ebx, IoApic);
        Redirect(a, Redirection + 1, 0);
        // Level, masked.
        Redirect(a, Redirection, MaskBit | (1 << 15) | Vector);
        a.mov(al, 1);
        a.mov(dx, 0x2000 + Pin);
        a.@out(dx, al);
        a.sti();
        a.nop();
        a.mov(eax, __dword_ptr[Count]);
        a.mov(__dword_ptr[Masked], eax);
        Redirect(a, Redirection, (1 << 15) | Vector);
        a.nop();
        a.mov(eax, __dword_ptr[Count]);
        a.mov(__dword_ptr[Unmasked], eax);
        ProtectedProgram.PowerOff(a);
    }

    private static void Redirect(Assembler a, int register, int value)
    {
        a.mov(__dword_ptr[ebx], register);
        a.mov(__dword_ptr[ebx + 0x10], value);
    }

    private static void Handle(Assembler a)
    {
        a.pushad();
        a.inc(__dword_ptr[Count]);
        a.xor(eax, eax);
        a.mov(dx, 0x2000 + Pin);
        a.@out(dx, al);
        a.mov(ebx, LocalApic);
        a.mov(__dword_ptr[ebx + 0xB0], 0);
        a.popad();
        a.iretd();
    }
}
