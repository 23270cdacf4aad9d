using CoSim.Hw.Zen2Core.Privileged;

namespace CoSim.Hw.Zen2Core;

/// <summary>
/// Watches what a core does with the world outside its registers and RAM, on either engine, at the same instructions. A probe must
/// not touch the machine: a run is the same with any probe on or off. Cycles are core cycles since the machine left reset; on
/// the detailed engine those at which the thing itself happened, which is before the instruction retires.
/// </summary>
public interface IExecutionProbe
{
    /// <summary>RDTSC, RDTSCP, RDPRU or RDPMC retired.</summary>
    /// <param name="core">The core.</param>
    /// <param name="rip">Address of the instruction.</param>
    /// <param name="cycle">When the clock was read.</param>
    /// <param name="clock">Which one.</param>
    /// <param name="value">What it showed, 64 bits.</param>
    void OnClockRead(CoreContext core, ulong rip, ulong cycle, ClockKind clock, ulong value);

    /// <summary>An interrupt or NMI is about to be delivered.</summary>
    /// <param name="core">The core.</param>
    /// <param name="rip">The instruction that is not executed now.</param>
    /// <param name="cycle">When.</param>
    /// <param name="vector">0 to 255; 2 for an NMI.</param>
    void OnInterrupt(CoreContext core, ulong rip, ulong cycle, byte vector);

    /// <summary>An exception is about to be delivered.</summary>
    /// <param name="core">The core; CR2 is set already.</param>
    /// <param name="rip">Where the exception points.</param>
    /// <param name="cycle">When.</param>
    /// <param name="vector">0 to 31.</param>
    /// <param name="errorCode">Its error code; 0 for one that has none.</param>
    void OnException(CoreContext core, ulong rip, ulong cycle, uint vector, uint errorCode);

    /// <summary>SYSCALL is about to enter the kernel: registers are still the caller's.</summary>
    void OnSystemCall(CoreContext core, ulong rip, ulong cycle);

    /// <summary>SYSRET or IRET went to privilege level 3: registers are those that user code goes on with.</summary>
    void OnUserReturn(CoreContext core, ulong rip, ulong cycle, bool byInterruptReturn);

    /// <summary>RDMSR or WRMSR succeeded.</summary>
    void OnMsr(CoreContext core, ulong rip, ulong cycle, uint number, ulong value, bool isWrite);

    /// <summary>A device was read or written, the core's own local APIC included; wide accesses come in parts of up to 8 bytes.</summary>
    /// <param name="core">The core.</param>
    /// <param name="rip">Address of the instruction.</param>
    /// <param name="cycle">When.</param>
    /// <param name="access">What.</param>
    void OnDeviceAccess(CoreContext core, ulong rip, ulong cycle, in DeviceAccess access);

    /// <summary>MOV to CR3 or a task switch changed the page table.</summary>
    void OnAddressSpace(CoreContext core, ulong rip, ulong cycle, ulong cr3);

    /// <summary>The core went to wait, or goes on: see <see cref="Isa.CpuState.Activity"/>.</summary>
    void OnActivity(CoreContext core, ulong cycle);
}

/// <summary>One access to a device.</summary>
/// <param name="IsPort">True for an I/O port, false for physical memory.</param>
/// <param name="IsWrite">True for a write.</param>
/// <param name="Address">Port or physical address.</param>
/// <param name="Size">1, 2, 4 or 8 bytes.</param>
/// <param name="Value">What was read or written, zero-extended.</param>
public readonly record struct DeviceAccess(bool IsPort, bool IsWrite, ulong Address, int Size, ulong Value);
