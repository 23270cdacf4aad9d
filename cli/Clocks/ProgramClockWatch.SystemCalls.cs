using CoSim.Hw.Zen2Core;
using CoSim.Hw.Zen2Core.Privileged;

namespace CoSim.Cli.Clocks;

/// <content>Clocks that are read by system call.</content>
internal sealed unsafe partial class ProgramClockWatch : IExecutionProbe
{
    private const ulong SyscallBytes = 2;

    /// <summary>The vDSO's stack frames are smaller: a system call of its own has its stack pointer so little below that of its caller.</summary>
    private const ulong LargestFrame = 4096;

    /// <summary>System calls on their way, by page table, stack pointer and place of return.</summary>
    private readonly Dictionary<(ulong AddressSpace, ulong Stack, ulong Return), OpenCall> _inKernel = [];

    /// <inheritdoc/>
    public void OnSystemCall(CoreContext core, ulong rip, ulong cycle)
    {
        ulong* registers = core.State->Gpr;
        OpenCall? call = registers[Rax] switch
        {
            ClockGettime => new OpenCall(ClockGettime, (int)registers[Rdi], registers[Rsi]),
            Gettimeofday => new OpenCall(Gettimeofday, Realtime, registers[Rdi]),
            Time => new OpenCall(Time, RealtimeCoarse, 0),
            _ => null,
        };
        if (call is not { } begun || OfVdso(core.State->Cr3, registers[Rsp], rip))
            return;
        if (_inKernel.Count >= MostOpen)
            _inKernel.Clear();
        _inKernel[(core.State->Cr3, registers[Rsp], rip + SyscallBytes)] = begun with { BySystemCall = true, Since = core.Clock.TimeOf(cycle), Core = core.Index };
    }

    /// <inheritdoc/>
    public void OnUserReturn(CoreContext core, ulong rip, ulong cycle, bool byInterruptReturn)
    {
        if (_inKernel.Count > 0 && _inKernel.Remove((core.State->Cr3, core.State->Gpr[Rsp], rip), out OpenCall call))
            End(core, in call, rip, cycle);
    }

    /// <summary>Whether the vDSO itself asks the kernel: its caller's reading is reported when the vDSO returns.</summary>
    private bool OfVdso(ulong space, ulong stack, ulong rip)
    {
        if (!_bases.TryGetValue(space, out ulong start) || rip - start >= _vdso!.Size)
            return false;
        foreach (((ulong AddressSpace, ulong Stack) caller, OpenCall call) in _open)
        {
            if (caller.AddressSpace == space && caller.Stack - stack < LargestFrame)
            {
                _open[caller] = call with { BySystemCall = true };
                return true;
            }
        }

        return false;
    }

    void IExecutionProbe.OnClockRead(CoreContext core, ulong rip, ulong cycle, ClockKind clock, ulong value)
    {
    }

    void IExecutionProbe.OnInterrupt(CoreContext core, ulong rip, ulong cycle, byte vector)
    {
    }

    void IExecutionProbe.OnException(CoreContext core, ulong rip, ulong cycle, uint vector, uint errorCode)
    {
    }

    void IExecutionProbe.OnMsr(CoreContext core, ulong rip, ulong cycle, uint number, ulong value, bool isWrite)
    {
    }

    void IExecutionProbe.OnDeviceAccess(CoreContext core, ulong rip, ulong cycle, in DeviceAccess access)
    {
    }

    void IExecutionProbe.OnAddressSpace(CoreContext core, ulong rip, ulong cycle, ulong cr3)
    {
    }

    void IExecutionProbe.OnActivity(CoreContext core, ulong cycle)
    {
    }
}
