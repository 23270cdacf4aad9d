using System.Runtime;
using System.Runtime.CompilerServices;
using System.Threading;
using CoSim.Guest;

namespace CoSim.Firmware.Hardware;

/// <summary>Finds the application processors: all start at once, load the boot processor's MSRs, report and halt.</summary>
public static unsafe class Processors
{
    /// <summary>The page that they run in and stay in; the memory map keeps it from the operating system.</summary>
    public const ulong Page = 0x9F000;

    /// <summary>The most processors that the page has room for.</summary>
    public const int Maximum = 256;

    // Offsets in the page, as the stub firmware_ap knows them.
    private const ulong Taken = 0xF0, Reported = 0xF4, MsrCount = 0x100, MsrList = 0x104, Ids = 0x400;
    private const uint Init = 0x4500, StartUp = 0x4600;
    private const uint InitDelay = 20, PollDelay = 20, ForeignPollDelay = 10_000; // microseconds
    private const int QuietPolls = 3;

    [RuntimeImport("firmware_ap"), MethodImpl(MethodImplOptions.InternalCall)] private static extern void Code();
    [RuntimeImport("firmware_ap_end"), MethodImpl(MethodImplOptions.InternalCall)] private static extern void CodeEnd();

    /// <summary>How many there are, the boot processor included.</summary>
    public static int Count { get; private set; }

    /// <summary>The x2APIC ids in ascending order, the boot processor's included.</summary>
    public static uint* ApicIds => (uint*)(Page + Ids);

    /// <summary>Prepares the page. Comes before the first <see cref="SetMsr"/>.</summary>
    public static void Initialise()
    {
        ulong code = Machine.Address(&Code);
        Machine.ZeroWords((void*)Page, 512);
        Machine.RepMovsb((void*)Page, (void*)code, (nuint)(Machine.Address(&CodeEnd) - code));
    }

    /// <summary>Writes an MSR here, and later on every application processor.</summary>
    public static void SetMsr(uint index, ulong value)
    {
        Machine.Wrmsr(index, value);
        SetOthersMsr(index, value);
    }

    /// <summary>Writes an MSR on every application processor when it starts.</summary>
    public static void SetOthersMsr(uint index, ulong value)
    {
        uint* count = (uint*)(Page + MsrCount);
        uint* entry = (uint*)(Page + MsrList + *count * 12);
        entry[0] = index;
        entry[1] = (uint)value;
        entry[2] = (uint)(value >> 32);
        (*count)++;
    }

    /// <summary>Starts them (APM vol. 2, section 16.5) and waits until no further one reports.</summary>
    public static void Find()
    {
        Apic.Broadcast(Init);
        Clock.Delay(InitDelay);
        Apic.Broadcast(StartUp | (uint)(Page >> 12));
        uint before = 0;
        for (int quiet = 0; quiet < QuietPolls; quiet++)
        {
            Clock.Delay(Memory.IsForeign ? ForeignPollDelay : PollDelay);
            uint taken = Volatile.Read(ref *(uint*)(Page + Taken));
            if (taken != Volatile.Read(ref *(uint*)(Page + Reported)) || taken != before) quiet = -1;
            before = taken;
        }
        Count = (int)before;
        ApicIds[Count++] = Apic.LocalId;
        Sort();
    }

    private static void Sort()
    {
        uint* ids = ApicIds;
        for (int i = 1; i < Count; i++)
        {
            uint id = ids[i];
            int j = i;
            for (; j > 0 && ids[j - 1] > id; j--) ids[j] = ids[j - 1];
            ids[j] = id;
        }
    }
}
