using System.Runtime.InteropServices;

namespace CoSim.Os.Timekeeping.Tests;

/// <summary>A clocksource in unmanaged memory whose counter the test moves. One at a time: the guest's read functions are static.</summary>
internal sealed unsafe class FakeClock : IDisposable
{
    private static ulong s_counter;

    internal Clocksource* Source { get; }
    internal Timekeeper* Tk { get; }

    internal FakeClock(uint frequency, uint scale, ulong mask)
    {
        Source = (Clocksource*)NativeMemory.AllocZeroed((nuint)sizeof(Clocksource));
        Tk = (Timekeeper*)NativeMemory.AllocZeroed((nuint)sizeof(Timekeeper));
        Source->Mask = mask;
        Source->Read = &Read;
        Source->SetFrequency(frequency, scale);
        s_counter = 0;
    }

    /// <summary>Sets or gets the counter, masked as the device would.</summary>
    internal ulong Counter
    {
        get => s_counter;
        set => s_counter = value & Source->Mask;
    }

    internal void Start(long wallSec) => Timekeeper.Initialise(Tk, Source, new Timespec(wallSec, 0), default);

    private static ulong Read() => s_counter;

    public void Dispose()
    {
        NativeMemory.Free(Source);
        NativeMemory.Free(Tk);
    }
}
