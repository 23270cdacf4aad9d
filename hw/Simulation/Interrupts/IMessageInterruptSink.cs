namespace CoSim.Hw.Simulation;

/// <summary>Where devices write message-signalled interrupts: the fabric, which hands them to local APICs.</summary>
public interface IMessageInterruptSink
{
    /// <summary>A write of interrupt data to an address in FEExxxxxh (AMD64 APM volume 2, 16.12; PCI 3.0, 6.8). Other addresses are lost.</summary>
    void DeliverMessage(ulong address, uint data);
}
