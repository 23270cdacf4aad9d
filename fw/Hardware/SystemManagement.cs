using System.Runtime;
using System.Runtime.CompilerServices;
using System.Threading;
using CoSim.Firmware.Boot;
using CoSim.Guest;

namespace CoSim.Firmware.Hardware;

/// <summary>
/// Installs the handler of system management interrupts, when the setup asks for one: memory that only system management mode sees, a base of
/// its own for each processor, and the lock (AMD APM vol. 2, 10.2; PPR for family 17h model 31h, HWCR.SmmLock).
/// </summary>
public static unsafe class SystemManagement
{
    /// <summary>The smallest range that SMMMask can hide, and the step of its base.</summary>
    private const ulong RangeSize = 0x20000;

    // Bases lie 1 KiB apart. Of each KiB the first half has a processor's code (SMBASE + 8000h), the second another one's save area (+ FE00h).
    private const ulong Step = 0x400, EntryOffset = 0x8000, Shared = 0x1F000, SharedPointer = 0x1F8;

    private const ulong RelocationCode = 0x38000, RelocationSave = 0x3FE00, SaveSize = 0x200, Parameters = RelocationCode + 0x100;
    private const ulong Borrowed = 0x200;
    private const uint ResumeTime = 5; // microseconds
    private const uint Interrupt = 0x4200; // ICR: assert, delivery mode SMI

    /// <summary>TValid, and write-back for the processor in system management mode.</summary>
    private const ulong MaskLow = (~(RangeSize - 1) & 0xFFFFFFFF) | 6 << 12 | 2, MaskHigh = 0xFFFF;

    private static Copy s_code, s_save;
    private static ulong s_range;

    [InlineArray(0x200)] private struct Copy { private byte _first; }

    [RuntimeImport("smm_relocate"), MethodImpl(MethodImplOptions.InternalCall)] private static extern void Relocation();
    [RuntimeImport("smm_relocate_end"), MethodImpl(MethodImplOptions.InternalCall)] private static extern void RelocationEnd();
    [RuntimeImport("smm_handler"), MethodImpl(MethodImplOptions.InternalCall)] private static extern void Handler();
    [RuntimeImport("smm_handler_end"), MethodImpl(MethodImplOptions.InternalCall)] private static extern void HandlerEnd();

    /// <summary>Whether there is going to be a handler.</summary>
    public static bool IsWanted => !Memory.IsForeign && Setup.Value("smm"u8, 0) != 0;

    /// <summary>Takes the memory; comes behind <see cref="Memory.SetCaching"/>.</summary>
    public static void Reserve() => s_range = Memory.TakeTop(RangeSize);

    /// <summary>Installs the handler on all processors; comes behind <see cref="Processors.Find"/>.</summary>
    public static void Install()
    {
        ulong code = Machine.Address(&Handler), size = Machine.Address(&HandlerEnd) - code;
        for (int i = 0; i < Processors.Count; i++)
        {
            ulong at = s_range + (ulong)i * Step;
            Machine.RepMovsb((void*)at, (void*)code, (nuint)size);
            *(uint*)(at + SharedPointer) = (uint)(s_range + Shared);
        }
        uint* shared = (uint*)(s_range + Shared);
        shared[0] = 0;
        shared[1] = (uint)Processors.Count;
        shared[2] = Clock.Mhz;
        shared[3] = 0;

        // What lies where processors go at first may be a suspended system's.
        Machine.RepMovsb(Unsafe.AsPointer(ref s_code), (void*)RelocationCode, (nuint)Borrowed);
        Machine.RepMovsb(Unsafe.AsPointer(ref s_save), (void*)RelocationSave, (nuint)SaveSize);
        ulong relocation = Machine.Address(&Relocation);
        Machine.RepMovsb((void*)RelocationCode, (void*)relocation, (nuint)(Machine.Address(&RelocationEnd) - relocation));
        uint* parameters = (uint*)Parameters;
        for (int i = 0; i < Processors.Count; i++)
        {
            parameters[0] = (uint)(s_range + (ulong)i * Step - EntryOffset);
            parameters[1] = (uint)s_range;
            parameters[2] = (uint)MaskLow;
            parameters[3] = (uint)MaskHigh;
            parameters[4] = 0;
            Apic.Send(Processors.ApicIds[i], Interrupt);
            while (Volatile.Read(ref parameters[4]) == 0) Machine.Pause();
            // It still has to load its state from the save area, which the next one takes; nobody can see that it has.
            Clock.Delay(ResumeTime);
        }
        Machine.RepMovsb((void*)RelocationCode, Unsafe.AsPointer(ref s_code), (nuint)Borrowed);
        Machine.RepMovsb((void*)RelocationSave, Unsafe.AsPointer(ref s_save), (nuint)SaveSize);
    }
}
