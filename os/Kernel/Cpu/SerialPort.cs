using CoSim.Guest;

namespace CoSim.Os;

/// <summary>COM1, a 16550 (3F8h, ISA interrupt 4).</summary>
public static unsafe class SerialPort
{
    private const ushort Base = 0x3F8;
    private const byte LsrData = 1, LsrThre = 0x20, LsrTemt = 0x40;
    private static SpinLock s_lock;

    /// <summary>115200 baud, 8N1, FIFOs on, interrupts off.</summary>
    public static void Initialize()
    {
        Machine.Out8(Base + 1, 0);
        Machine.Out8(Base + 3, 0x80);
        Machine.Out8(Base, 1);
        Machine.Out8(Base + 1, 0);
        Machine.Out8(Base + 3, 3);
        Machine.Out8(Base + 2, 7);
        Machine.Out8(Base + 4, 0xB);
    }

    /// <summary>Enables the receive interrupt and gives received bytes to the console terminal.</summary>
    public static void StartReceiving()
    {
        if (!Irq.RequestIsa(4, &OnInterrupt, null, "ttyS0"u8)) return;
        AllowReceiving();
    }

    /// <summary>The receive interrupt, after the device has lost its state.</summary>
    public static void AllowReceiving() => Machine.Out8(Base + 1, 1);

    /// <summary>Sends bytes, with a carriage return before each newline.</summary>
    public static void Write(byte* bytes, int length)
    {
        ulong flags = s_lock.AcquireIrqSave();
        for (int i = 0; i < length; i++)
        {
            if (bytes[i] == '\n') Put((byte)'\r');
            Put(bytes[i]);
        }
        s_lock.ReleaseIrqRestore(flags);
    }

    /// <summary>Sends bytes as they are.</summary>
    public static void WriteRaw(byte* bytes, int length)
    {
        ulong flags = s_lock.AcquireIrqSave();
        for (int i = 0; i < length; i++) Put(bytes[i]);
        s_lock.ReleaseIrqRestore(flags);
    }

    /// <summary>Waits until the last byte has left.</summary>
    public static void Drain()
    {
        for (int i = 0; i < 100000 && (Machine.In8(Base + 5) & LsrTemt) == 0; i++) Machine.Pause();
    }

    private static void Put(byte c)
    {
        // Bounded: a machine without a UART must not hang the kernel.
        for (int i = 0; i < 100000 && (Machine.In8(Base + 5) & LsrThre) == 0; i++) Machine.Pause();
        Machine.Out8(Base, c);
    }

    private static void OnInterrupt(TrapFrame* frame, void* context)
    {
        Machine.In8(Base + 2); // the identification read acknowledges
        while ((Machine.In8(Base + 5) & LsrData) != 0) Tty.Receive(Tty.Console, Machine.In8(Base));
    }
}
