namespace CoSim.Os;

/// <summary>Interrupt vectors that the kernel assigns (the same numbers as Linux where it has them).</summary>
public static class Vectors
{
    public const int Nmi = 2;
    public const int FirstExternal = 0x20;

    /// <summary>Vector of GSI n is FirstGsi + n.</summary>
    public const int FirstGsi = 0x30;

    /// <summary>Vectors given out by <see cref="Irq.AllocateVector"/>.</summary>
    public const int FirstDynamic = 0x90, LastDynamic = 0xDF;
    public const int LocalTimer = 0xEF, Park = 0xF6, Stop = 0xF7, CallFunction = 0xFB, Reschedule = 0xFD, ApicError = 0xFE, Spurious = 0xFF;
}
