using System.Runtime;

namespace CoSim.Os.Programs.ClockProof;

/// <summary>
/// Proves, from inside the guest, that no clock goes backwards or jumps, no timer is early, and none is lost. One process for each kind
/// of timer waits round after round; the first one reads every clock meanwhile, by vDSO and by system call. What is found goes to the
/// standard output, a line each: "proof NAME key=value...". Exit status 1 when anything was wrong.
/// </summary>
public static unsafe class Program
{
    private const ulong DefaultRounds = 40;

    /// <summary>Entry point: [rounds=N].</summary>
    [RuntimeExport("main")]
    public static int Main(ulong* stack)
    {
        ulong rounds = DefaultRounds;
        byte** words = (byte**)(stack + 1);
        for (int i = 1; i < (int)stack[0]; i++)
        {
            byte* value = Text.After(words[i], Linux.Text("rounds="u8));
            if (value != null) rounds = Text.TakeNumber(ref value);
        }
        int* pipe = (int*)Linux.Allocate(8);
        Calls.Pipe(pipe);
        for (int kind = 0; kind < Waits.Count; kind++)
        {
            int child = Linux.Fork();
            if (child != 0) continue;
            Linux.Close(pipe[0]);
            Finding* finding = Waits.Run(kind, rounds);
            Linux.Write(pipe[1], (byte*)finding, (ulong)sizeof(Finding));
            Linux.Exit(0);
        }
        Linux.Close(pipe[1]);
        bool all = ClockReads.Until(pipe[0], stack, rounds, out int status);
        // Some whose time never comes would be waited for in vain.
        while (all && Linux.Wait(-1, out int ended) > 0) if (ended != 0) status = 1;
        return status;
    }
}
