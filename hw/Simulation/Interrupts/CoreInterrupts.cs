namespace CoSim.Hw.Simulation;

/// <summary>What an interrupt controller can signal to a core.</summary>
public interface ICoreSignals
{
    /// <summary>The INTR level: a maskable interrupt is (not) waiting at the local APIC or, in virtual-wire mode, at the PIC.</summary>
    void SetInterruptRequest(bool asserted);

    /// <summary>A non-maskable interrupt arrived.</summary>
    void RaiseNmi();

    /// <summary>A system management interrupt arrived.</summary>
    void RaiseSmi();

    /// <summary>INIT arrived.</summary>
    void RaiseInit();

    /// <summary>A start-up IPI arrived: a core that waits for it starts in real mode at vector * 1000h.</summary>
    void RaiseStartup(byte vector);
}

/// <summary>A core's own interrupt controller, as the core sees it.</summary>
public interface ICoreInterruptController
{
    /// <summary>Takes the waiting interrupt. The vector is the spurious one when it has gone meanwhile.</summary>
    byte Acknowledge();

    /// <summary>CR8: the task priority's upper four bits, 0 to 15.</summary>
    byte TaskPriorityClass { get; set; }

    /// <summary>APIC_BASE, MSR 1Bh.</summary>
    ulong ApicBase { get; }

    /// <summary>Reads MSR 1Bh or 800h to 8FFh. False means #GP.</summary>
    bool TryReadMsr(uint msr, out ulong value);

    /// <summary>Writes MSR 1Bh or 800h to 8FFh. False means #GP.</summary>
    bool TryWriteMsr(uint msr, ulong value);

    /// <summary>A performance counter has overflowed: the local vector for it is raised.</summary>
    void RaisePerformanceInterrupt()
    {
    }

    /// <summary>Reads an xAPIC register. The offset is 0 to FFFh within the page that <see cref="ApicBase"/> names.</summary>
    uint ReadRegister(int offset);

    /// <summary>Writes an xAPIC register.</summary>
    void WriteRegister(int offset, uint value);
}
