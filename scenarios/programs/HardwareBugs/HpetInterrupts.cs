using CoSim.Guest;
using CoSim.Os.Programs;

namespace CoSim.Scenarios.HardwareBugs;

/// <summary>
/// HW-10. Asks /dev/hpet for an interrupt every 100 us and waits for each. The driver reads the counter and writes the comparator, and does
/// not look again.
/// </summary>
public static unsafe class HpetInterrupts
{
    /// <summary>ioctl requests of include/uapi/linux/hpet.h.</summary>
    private const ulong InterruptsOn = 0x6801, SetFrequency = 0x4008_6806;

    private const ulong Frequency = 10_000; // Hz
    private const int Waits = 1200;

    /// <summary>Waits for the interrupts and says how long the longest wait was.</summary>
    public static int Run()
    {
        Linux.Mount(Linux.Text("devtmpfs"u8), Linux.Text("/dev"u8));
        int device = Linux.Open(Linux.Text("/dev/hpet"u8), Linux.ReadOnly);
        if (device < 0) return Failed(Linux.Text("/dev/hpet"u8), device);
        long error = Linux.Ioctl(device, SetFrequency, (void*)Frequency);
        if (error == 0) error = Linux.Ioctl(device, InterruptsOn, null);
        if (error != 0) return Failed(Linux.Text("HPET_IE_ON"u8), error);
        long longest = 0, before = Time.Now(Time.Monotonic);
        for (int i = 0; i < Waits; i++)
        {
            ulong interrupts = 0;
            error = Linux.Read(device, (byte*)&interrupts, sizeof(ulong));
            if (error < 0) return Failed(Linux.Text("read"u8), error);
            long now = Time.Now(Time.Monotonic);
            if (now - before > longest) longest = now - before;
            before = now;
        }
        Line.Of("hpet: asked for an interrupt every 100 us, longest wait "u8).Add(longest / 1000).Add(" us"u8).End();
        return 0;
    }

    private static int Failed(byte* what, long error)
    {
        Text.Complain(Linux.Text("hardwarebugs: "u8), what, error);
        return 1;
    }
}
