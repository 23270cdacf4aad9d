using CoSim.Hw.Zen2Core.Privileged;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace CoSim.Privileged.Tests;

/// <summary>Retired and taken branches, instructions and cycles (family 17h model 31h PPR 55803, PMCx0C2, 0C4, 0C0): both engines count the same.</summary>
public unsafe class BranchCounterTests
{
    private const uint Control0 = 0xC0010200, User = 1 << 16, System = 1 << 17, Enable = 1 << 22;
    private static readonly uint[] s_events = [0xC0, 0xC2, 0xC4];

    private static ulong[] Count(EngineKind kind, uint filter, Action<Guest> prepare)
    {
        using Guest g = Guest.Long(kind);
        g.ReturnTo = 1;
        prepare(g);
        for (uint n = 0; n < s_events.Length; n++)
            Assert.That(MsrAccess.TryWrite(g.Core, Control0 + (2 * n), s_events[n] | filter | Enable), Is.True);
        g.Run();
        return [.. Enumerable.Range(0, s_events.Length).Select(n => g.Core.Counters.Read(n))];
    }

    /// <summary>Jumps, calls, returns, loops, far returns, interrupts by instruction: 10 NOPs between them are none.</summary>
    private static void Mixture(Assembler a)
    {
        Label again = a.CreateLabel(), skip = a.CreateLabel(), function = a.CreateLabel(), end = a.CreateLabel(), far = a.CreateLabel(), loop = a.CreateLabel();
        a.mov(ebx, 40);
        a.Label(ref again);
        a.test(ebx, 1);
        a.jne(skip);
        a.nop();
        a.Label(ref skip);
        a.call(function);
        a.lea(rax, __[function]);
        a.call(rax);
        a.mov(ecx, 3);
        a.Label(ref loop);
        a.nop();
        a.loop(loop);
        a.@int(0x21);
        a.push(Guest.KernelCode);
        a.lea(rax, __[far]);
        a.push(rax);
        a.db(0x48, 0xCB); // retfq
        a.Label(ref far);
        a.nop();
        a.dec(ebx);
        a.jne(again);
        a.jmp(end);
        a.Label(ref function);
        a.nop();
        a.ret();
        a.Label(ref end);
        a.hlt();
    }

    [Test]
    public void EnginesCountTheSame()
    {
        ulong[] functional = Count(EngineKind.Functional, User | System, g => g.Code(Mixture));
        ulong[] detailed = Count(EngineKind.Detailed, User | System, g => g.Code(Mixture));
        Assert.That(functional, Is.EqualTo(detailed));
        // A round: JNE, 2 calls, 2 returns, 3 LOOP, INT, the handler's, RETF, JNE; the handler of INT ends with IRETQ. Then JMP.
        Assert.That(functional[1], Is.GreaterThanOrEqualTo((40 * 12) + 1));
        Assert.That(functional[1] - functional[2], Is.GreaterThanOrEqualTo(20 + 40 + 1), "half of the first, the last of each loop");
    }

    /// <summary>An exception and an interrupt are changes of the flow of control, too, though no instruction makes them.</summary>
    [Test]
    public void ExceptionsAreCounted([Values] EngineKind kind)
    {
        ulong[] without = Count(kind, System, g => g.Code(a => a.hlt()));
        ulong[] with = Count(kind, System, g =>
        {
            g.ReturnTo = 0;
            g.Code(a => a.ud2());
        });
        ulong[] handler = Count(kind, System, g =>
        {
            g.ReturnTo = 0;
            g.Code(a => a.@int(6));
        });
        Assert.That(without[1..], Is.EqualTo(new ulong[] { 0, 0 }));
        Assert.That(with[1], Is.Positive);
        // INT 6 ends in the same handler, and is a branch instead of the exception.
        Assert.That(with[1..], Is.EqualTo(handler[1..]));
        Assert.That(with[0], Is.EqualTo(handler[0] - 1), "UD2 does not retire");
    }

    [Test]
    public void AFilterTellsUserFromSystem()
    {
        void Prepare(Guest g) => g.UserProgram(a =>
        {
            Label again = a.CreateLabel();
            a.mov(ecx, 500);
            a.Label(ref again);
            a.dec(ecx);
            a.jne(again);
            a.ud2();
        });
        foreach (EngineKind kind in Enum.GetValues<EngineKind>())
        {
            ulong[] counted = Count(kind, User, g =>
            {
                Prepare(g);
                g.ReturnTo = 0;
            });
            Assert.That(counted[1..], Is.EqualTo(new ulong[] { 501, 500 }), $"{kind}, the exception included");
        }
    }

    /// <summary>Without a counter of branches nothing is counted, and one that is enabled later counts from there.</summary>
    [Test]
    public void CountingBeginsWithTheCounter([Values] EngineKind kind)
    {
        using Guest g = Guest.Long(kind);
        g.Code(a =>
        {
            Label before = a.CreateLabel(), behind = a.CreateLabel();
            a.mov(esi, 3000);
            a.Label(ref before);
            a.dec(esi);
            a.jne(before);
            a.mov(ecx, Control0);
            a.mov(eax, 0xC2 | System | Enable);
            a.xor(edx, edx);
            a.wrmsr();
            a.mov(esi, 700);
            a.Label(ref behind);
            a.dec(esi);
            a.jne(behind);
            a.mov(ecx, Control0);
            a.xor(eax, eax);
            a.wrmsr();
            a.mov(esi, 50);
            Label last = a.CreateLabel();
            a.Label(ref last);
            a.dec(esi);
            a.jne(last);
            a.hlt();
        });
        g.Run();
        Assert.That(g.Core.Counters.Read(0), Is.EqualTo(700));
    }
}
