using System.Runtime.CompilerServices;
using CoSim.Guest;

namespace CoSim.Os;

/// <summary>Interrupt handlers by vector, and the way from ISA interrupts to IO-APIC pins.</summary>
public static unsafe class Irq
{
    private struct Action
    {
        public delegate*<TrapFrame*, void*, void> Handler;
        public void* Context;
        public byte* Name;
        public int Gsi;             // -1: none
    }

    private struct Override { public bool Present, Level, ActiveLow; public uint Gsi; }

    [InlineArray(256)]
    private struct Actions { private Action _first; }

    [InlineArray(16)]
    private struct Overrides { private Override _first; }

    [InlineArray(Cpu.Max)]
    private struct Counts { private uint _first; }

    [InlineArray(256)]
    private struct AllCounts { private Counts _first; }

    private static Actions s_actions;
    private static Overrides s_overrides;
    private static AllCounts s_counts;
    private static int s_nextDynamic = Vectors.FirstDynamic;

    /// <summary>Sets the handler of a vector. The dispatcher sends the EOI after the handler.</summary>
    public static void Register(int vector, delegate*<TrapFrame*, void*, void> handler, void* context, System.ReadOnlySpan<byte> name)
    {
        Action* a = (Action*)Text.Address(ref s_actions) + vector;
        a->Context = context;
        a->Name = Text.Literal(name);
        a->Gsi = -1;
        a->Handler = handler;
    }

    /// <summary>A free vector, or -1.</summary>
    public static int AllocateVector() => s_nextDynamic > Vectors.LastDynamic ? -1 : s_nextDynamic++;

    /// <summary>An interrupt source override of the MADT (ACPI 6.4, 5.2.12.5).</summary>
    public static void AddOverride(int isa, uint gsi, bool level, bool activeLow)
    {
        if ((uint)isa >= 16) return;
        Override* o = (Override*)Text.Address(ref s_overrides) + isa;
        o->Present = true;
        o->Gsi = gsi;
        o->Level = level;
        o->ActiveLow = activeLow;
    }

    /// <summary>The GSI of an ISA interrupt.</summary>
    public static uint GsiOfIsa(int isa)
    {
        Override* o = (Override*)Text.Address(ref s_overrides) + isa;
        return o->Present ? o->Gsi : (uint)isa;
    }

    /// <summary>Registers the handler of an ISA interrupt and unmasks it on the boot CPU. False if no IO-APIC has the pin.</summary>
    public static bool RequestIsa(int isa, delegate*<TrapFrame*, void*, void> handler, void* context, System.ReadOnlySpan<byte> name)
    {
        Override* o = (Override*)Text.Address(ref s_overrides) + isa;
        return o->Present ? RequestGsi(o->Gsi, o->Level, o->ActiveLow, handler, context, name) : RequestGsi((uint)isa, false, false, handler, context, name);
    }

    /// <summary>Registers the handler of a global system interrupt and unmasks it on the boot CPU. False if no IO-APIC has the pin.</summary>
    public static bool RequestGsi(uint gsi, bool level, bool activeLow, delegate*<TrapFrame*, void*, void> handler, void* context, System.ReadOnlySpan<byte> name)
    {
        int vector = Vectors.FirstGsi + (int)gsi;
        if (vector >= Vectors.FirstDynamic) return false;
        Register(vector, handler, context, name);
        ((Action*)Text.Address(ref s_actions) + vector)->Gsi = (int)gsi;
        return IoApic.Route(gsi, vector, Cpu.At(0)->ApicId, level, activeLow);
    }

    /// <summary>Masks both 8259s: all interrupts come through the IO-APIC. They are moved off the exception vectors first.</summary>
    public static void DisablePic()
    {
        Machine.Out8(0x20, 0x11);
        Machine.Out8(0xA0, 0x11);
        Machine.Out8(0x21, 0x20);
        Machine.Out8(0xA1, 0x28);
        Machine.Out8(0x21, 4);
        Machine.Out8(0xA1, 2);
        Machine.Out8(0x21, 1);
        Machine.Out8(0xA1, 1);
        Machine.Out8(0x21, 0xFF);
        Machine.Out8(0xA1, 0xFF);
    }

    /// <summary>Runs the handler of an external interrupt; interrupts are off.</summary>
    public static void Dispatch(TrapFrame* frame, int vector)
    {
        PerCpu* cpu = Cpu.Current;
        cpu->InterruptDepth++;
        cpu->Interrupts++;
        Action* a = (Action*)Text.Address(ref s_actions) + vector;
        ((uint*)((Counts*)Text.Address(ref s_counts) + vector))[cpu->Id & 63]++;
        if (a->Handler != null) a->Handler(frame, a->Context);
        else if (vector != Vectors.Spurious) Log.Print("No irq handler for vector %u.%u"u8, cpu->Id, (ulong)vector);
        if (vector != Vectors.Spurious) LocalApic.Eoi();
        cpu->InterruptDepth--;
    }

    /// <summary>Counts an interrupt that does not come through <see cref="Dispatch"/>.</summary>
    public static void Note(int vector, int cpu) => ((uint*)((Counts*)Text.Address(ref s_counts) + vector))[cpu & 63]++;

    /// <summary>The pin of a GSI is level triggered.</summary>
    public static bool IsLevel(uint gsi)
    {
        for (int isa = 0; isa < 16; isa++)
        {
            Override* o = (Override*)Text.Address(ref s_overrides) + isa;
            if (o->Present && o->Gsi == gsi) return o->Level;
        }
        return gsi >= 16;
    }

    /// <summary>Count of a vector on a CPU, its name (null: unused) and GSI, for /proc/interrupts.</summary>
    public static uint Count(int vector, int cpu, out byte* name, out int gsi)
    {
        Action* a = (Action*)Text.Address(ref s_actions) + vector;
        name = a->Handler == null ? null : a->Name;
        gsi = a->Gsi;
        return ((uint*)((Counts*)Text.Address(ref s_counts) + vector))[cpu];
    }
}
