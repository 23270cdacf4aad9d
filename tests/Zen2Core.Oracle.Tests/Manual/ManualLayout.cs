using CoSim.Hw.Zen2Core.Isa;
using CoSim.Tests.HostOracle;

namespace CoSim.Zen2Core.Oracle.Tests.Manual;

/// <summary>Where the tables of the manual's tests lie, in the supervisor's window of memory, and what stands in them.</summary>
internal static class ManualLayout
{
    public const ulong Tables = 0x7000, TablesSize = 0x1000;

    public const ulong Gdt = OracleKernel.Base + Tables, Ldt = Gdt + 0x800, Task = Gdt + 0xC00;

    public const ulong StackTop = OracleKernel.Base + 0x1_0000;

    public const uint TableLimit = 0x1FF, TaskLimit = 0x68 + 16;

    public const ushort KernelCode64 = 0x08, KernelData = 0x10, KernelCode32 = 0x18, UserCode32 = 0x23, UserData = 0x2B, UserCode64 = 0x33;

    private const int FirstRandom = 7, Descriptors = ((int)TableLimit + 1) / 8;

    private static readonly ulong[] s_fixed =
    [
        0, 0x00AF_9B00_0000_FFFF, 0x00CF_9300_0000_FFFF, 0x00CF_9B00_0000_FFFF, 0x00CF_FB00_0000_FFFF, 0x00CF_F300_0000_FFFF, 0x00AF_FB00_0000_FFFF,
    ];

    /// <summary>GDT and LDT with a few fixed descriptors and many of any kind, and a task state segment with a random map of ports.</summary>
    public static byte[] Make(CaseRandom random)
    {
        byte[] page = new byte[TablesSize];
        for (int table = 0; table <= (int)(Ldt - Gdt); table += (int)(Ldt - Gdt))
        {
            for (int n = 0; n < Descriptors; n++)
            {
                ulong value = n < FirstRandom ? s_fixed[n] : Random(random);
                Put(page, table + (n * 8), value);

                // A system descriptor's second half: the upper half of its base.
                bool system = ((value >> 44) & 1) == 0 && n >= FirstRandom && n + 1 < Descriptors;
                if (system && random.Below(8) != 0)
                    Put(page, table + (++n * 8), random.OneIn(4) ? 0x0000_9000 : random.OneIn(2) ? 0xFFFF_8000 : 0);
            }
        }

        int task = (int)(Task - Gdt);
        Put(page, task + 4, StackTop);
        Put(page, task + 0x24, StackTop);
        Put(page, task + 0x66, (random.OneIn(8) ? 0x60UL + (uint)random.Below(24) : 0x68) | (random.Next() << 16));
        Put(page, task + 0x6E, random.Next() & random.Next());
        Put(page, task + 0x76, random.Next() & random.Next());
        return page;
    }

    /// <summary>A selector: null, one of the fixed, one of any kind, or beyond the table.</summary>
    public static ushort Selector(CaseRandom random) => random.Below(8) switch
    {
        0 => (ushort)random.Below(4),
        1 => (ushort)random.Next(),
        2 or 3 => random.Pick<ushort>([KernelCode64, KernelData, KernelCode32, UserCode32, UserData, UserCode64, KernelData | 3]),
        _ => (ushort)((random.Below(Descriptors + 1) * 8) | (random.OneIn(4) ? 4 : 0) | (random.OneIn(4) ? random.Below(4) : random.OneIn(2) ? 3 : 0)),
    };

    // Flat, so that code at any selector finds its bytes; all types, levels and the bits that make a descriptor unusable.
    private static ulong Random(CaseRandom random)
    {
        const ulong user = 1UL << 44, present = 1UL << 47, wide = 1UL << 53, big = 1UL << 54, granular = 1UL << 55, code = 1UL << 43;
        ulong value = ((ulong)random.Below(16) << 40) | (random.Pick<ulong>([0, 0, 3, 3, 1, 2]) << 45) | (random.OneIn(8) ? 0 : present);
        value |= random.OneIn(8) ? (random.Next() & 0x000F_0000_0000_FFFF) : 0x000F_0000_0000_FFFF | granular;
        if (random.OneIn(3))
            return value | ((random.Next() & 0xFF_FFFF) << 16);
        value |= user;
        if ((value & code) == 0)
            return value | big;
        return value | random.Below(8) switch { 0 => wide | big, < 4 => wide, _ => big };
    }

    private static void Put(byte[] page, int at, ulong value) => BitConverter.TryWriteBytes(page.AsSpan(at), value);
}
