namespace CoSim.Os;

/// <summary>/proc/interrupts, in Linux's columns: device interrupts by number, then the architecture's own (proc(5)).</summary>
public static unsafe partial class ProcFs
{
    private static int ShowInterrupts(TextBuffer* t, Task* task, void* context)
    {
        t->Put("           "u8);
        for (int c = 0; c < Cpu.Possible; c++)
        {
            if (Cpu.At(c)->Online) t->Format("CPU%-8d"u8, (ulong)c);
        }
        t->Put((byte)'\n');
        for (uint gsi = 0; gsi < IrqLines; gsi++) ShowDevice(t, gsi);
        ShowOwn(t, "NMI"u8, Vectors.Nmi, "Non-maskable interrupts"u8);
        ShowOwn(t, "LOC"u8, Vectors.LocalTimer, "Local timer interrupts"u8);
        ShowOwn(t, "SPU"u8, Vectors.Spurious, "Spurious interrupts"u8);
        ShowOwn(t, "RES"u8, Vectors.Reschedule, "Rescheduling interrupts"u8);
        for (int v = Vectors.FirstDynamic; v <= Vectors.LastDynamic; v++)
        {
            Irq.Count(v, 0, out byte* name, out _);
            if (name != null) ShowRow(t, "CAL"u8, v, name);
        }
        ShowOwn(t, "TLB"u8, Vectors.CallFunction, "TLB shootdowns"u8);
        uint errors = 0;
        for (int c = 0; c < Cpu.Possible; c++) errors += Irq.Count(Vectors.ApicError, c, out _, out _);
        t->Format("ERR: %10u\nMIS: %10u\n"u8, errors, 0);
        return 0;
    }

    private const uint IrqLines = Vectors.FirstDynamic - Vectors.FirstGsi;

    /// <summary>The line of IRQ number <paramref name="irq"/>: an ISA interrupt keeps its number wherever its pin is.</summary>
    private static void ShowDevice(TextBuffer* t, uint irq)
    {
        uint gsi = irq < 16 ? Irq.GsiOfIsa((int)irq) : irq;
        int vector = Vectors.FirstGsi + (int)gsi;
        Irq.Count(vector, 0, out byte* name, out int routed);
        if (name == null || routed < 0 || irq < 16 && irq != gsi && Irq.GsiOfIsa((int)irq) != gsi) return;
        if (irq is 2 && Irq.GsiOfIsa(0) == 2) return; // pin 2 is the timer's: the cascade has none
        t->Format("%3u: "u8, irq);
        PutCounts(t, vector);
        t->Format("  IO-APIC %3u-%s  %s\n"u8, gsi, (ulong)Text.Literal(Irq.IsLevel(gsi) ? "fasteoi "u8 : "edge    "u8), (ulong)name);
    }

    private static void ShowOwn(TextBuffer* t, System.ReadOnlySpan<byte> label, int vector, System.ReadOnlySpan<byte> name) => ShowRow(t, label, vector, Text.Literal(name));

    private static void ShowRow(TextBuffer* t, System.ReadOnlySpan<byte> label, int vector, byte* name)
    {
        t->Put(label);
        t->Put(": "u8);
        PutCounts(t, vector);
        t->Format("  %s\n"u8, (ulong)name);
    }

    private static void PutCounts(TextBuffer* t, int vector)
    {
        for (int c = 0; c < Cpu.Possible; c++)
        {
            if (Cpu.At(c)->Online) t->Format("%10u "u8, Irq.Count(vector, c, out _, out _));
        }
    }
}
