using CoSim.Hw.Simulation;
using CoSim.Traces.Format;

namespace CoSim.Traces.Export;

/// <summary>A system call of a process.</summary>
/// <param name="Process">Number of its address space, in the order of appearance, from 1.</param>
/// <param name="Lane">Which of the process's calls under way at the same time, from 0.</param>
/// <param name="Number">Linux' number of the call.</param>
/// <param name="Begin">When SYSCALL was executed.</param>
internal readonly record struct CallInProgress(int Process, int Lane, ulong Number, SimTime Begin);

/// <summary>
/// Pairs system calls with their returns: the same address space goes on in user mode behind its SYSCALL. So a call that blocks lasts as
/// long as its caller sees it, whatever the core does in between. Threads of a process that wait behind the same SYSCALL are taken
/// first in, first out.
/// </summary>
internal sealed class SystemCalls
{
    private const ulong InstructionBytes = 2;

    /// <summary>CR3 without PCID and flags (AMD64 manual 2, 5.3.2), and without the bit by which Linux' two page tables of a process differ.</summary>
    private const ulong SpaceMask = 0x000F_FFFF_FFFF_E000;

    private readonly Dictionary<int, int> _onCore = [];
    private readonly Dictionary<ulong, int> _processes = [];
    private readonly Dictionary<int, List<(ulong ReturnsTo, CallInProgress Call)>> _open = [];

    /// <summary>The process that a core runs; 0 while no event has told.</summary>
    public int ProcessOf(int core) => _onCore.GetValueOrDefault(core);

    /// <summary>Takes the next event.</summary>
    /// <param name="e">The event.</param>
    /// <param name="call">The call that begins or ends with it.</param>
    /// <returns>Null when it is neither; else whether it is the call's end.</returns>
    public bool? Take(in TraceEvent e, out CallInProgress call)
    {
        call = default;
        switch (e.Kind.Name)
        {
            case "address-space":
                _onCore[e.Core] = Process(e.Number("cr3") & SpaceMask);
                return null;
            case "syscall":
                call = Begin(in e);
                return false;
            case "user-return":
                return End(e.Core, e.Number("rip"), out call) ? true : null;
            default:
                return null;
        }
    }

    private int Process(ulong space)
    {
        if (!_processes.TryGetValue(space, out int number))
        {
            number = _processes.Count + 1;
            _processes.Add(space, number);
        }

        return number;
    }

    private CallInProgress Begin(in TraceEvent e)
    {
        int process = ProcessOf(e.Core);
        if (!_open.TryGetValue(process, out List<(ulong ReturnsTo, CallInProgress Call)>? open))
            _open.Add(process, open = []);
        int lane = 0;
        while (open.Exists(c => c.Call.Lane == lane))
            lane++;
        CallInProgress call = new(process, lane, e.Number("nr"), e.Time);
        open.Add((e.Number("rip") + InstructionBytes, call));
        return call;
    }

    private bool End(int core, ulong rip, out CallInProgress call)
    {
        call = default;
        if (!_open.TryGetValue(ProcessOf(core), out List<(ulong ReturnsTo, CallInProgress Call)>? open))
            return false;
        int at = open.FindIndex(c => c.ReturnsTo == rip);
        if (at < 0)
            return false;
        call = open[at].Call;
        open.RemoveAt(at);
        return true;
    }
}
