namespace CoSim.Os.Programs.ClockProof;

/// <summary>Reads every clock, by vDSO and by system call, until all the others have told what they found.</summary>
public static unsafe class ClockReads
{
    private const int Ways = 2, Clocks = 7;
    private const int BurstReads = 40;
    private const long Pause = 300_000;

    /// <summary>A clock that moves on by more than this between two readings has jumped, in nanoseconds.</summary>
    private const long Jump = 1_000_000_000;

    private static int ClockAt(int i) => i switch
    {
        0 => Calls.Monotonic,
        1 => Calls.MonotonicRaw,
        2 => Calls.MonotonicCoarse,
        3 => Calls.Boottime,
        4 => Calls.Realtime,
        5 => Calls.RealtimeCoarse,
        _ => Calls.Tai,
    };

    /// <summary>The wall clock may be stepped forward: it shows how long the processes were nowhere.</summary>
    private static bool MayStep(int i) => i >= 4;

    private static byte* Name(int i) => i switch
    {
        0 => Linux.Text("monotonic"u8),
        1 => Linux.Text("monotonic_raw"u8),
        2 => Linux.Text("monotonic_coarse"u8),
        3 => Linux.Text("boottime"u8),
        4 => Linux.Text("realtime"u8),
        5 => Linux.Text("realtime_coarse"u8),
        _ => Linux.Text("tai"u8),
    };

    /// <summary>Pauses without news, for each round that there is, until those that have told nothing are taken to be lost.</summary>
    private const ulong PatiencePerRound = 100, Patience = 1000;

    /// <summary>Reads until the pipe has the findings of all, or no more come; prints everything.</summary>
    /// <param name="pipe">Where the findings come from.</param>
    /// <param name="stack">What the kernel put on the stack.</param>
    /// <param name="rounds">Rounds of each timer.</param>
    /// <param name="status">0, or 1 when anything was wrong.</param>
    /// <returns>Whether all have told what they found.</returns>
    public static bool Until(int pipe, ulong* stack, ulong rounds, out int status)
    {
        delegate*<ulong, long*, long> vdso = (delegate*<ulong, long*, long>)VdsoFunction.Find(VdsoFunction.Base(stack), Linux.Text("__vdso_clock_gettime"u8));
        long* last = (long*)Linux.Allocate(Ways * Clocks * sizeof(long));
        ulong* backwards = (ulong*)Linux.Allocate(Clocks * sizeof(ulong));
        ulong* jumps = (ulong*)Linux.Allocate(Clocks * sizeof(ulong));
        long* worst = (long*)Linux.Allocate(Clocks * sizeof(long));
        long* time = (long*)Linux.Allocate(16);
        Finding* finding = (Finding*)Linux.Allocate((ulong)sizeof(Finding));
        ulong reads = 0, silent = 0;
        int told = 0;
        uint toldBy = 0;
        bool good = true;
        for (; told < Waits.Count && silent < rounds * PatiencePerRound + Patience; silent++)
        {
            for (int burst = 0; burst < BurstReads; burst++)
            {
                for (int i = 0; i < Ways * Clocks; i++)
                {
                    int clock = i % Clocks;
                    long now;
                    if (i < Clocks || vdso == null) now = Linux.Clock(ClockAt(clock));
                    else
                    {
                        vdso((ulong)ClockAt(clock), time);
                        now = time[0] * 1_000_000_000 + time[1];
                    }
                    long step = now - last[i];
                    if (last[i] != 0 && step < 0) backwards[clock]++;
                    if (last[i] != 0 && step > Jump && !MayStep(clock)) jumps[clock]++;
                    if (last[i] != 0 && (step < 0 || step > Jump) && !MayStep(clock)) worst[clock] = step;
                    last[i] = now;
                    reads++;
                }
            }
            if (Calls.Poll(pipe, 0) > 0 && Linux.Read(pipe, (byte*)finding, (ulong)sizeof(Finding)) == sizeof(Finding))
            {
                told++;
                toldBy |= 1u << finding->Kind;
                silent = 0;
                good &= finding->Good;
                Print(finding);
            }
            else Calls.Nanosleep(Pause);
        }
        for (int kind = 0; kind < Waits.Count; kind++)
        {
            if ((toldBy >> kind & 1) != 0) continue;
            good = false;
            *finding = default;
            finding->Kind = kind;
            finding->Lost = 1;
            Print(finding);
        }
        for (int i = 0; i < Clocks; i++)
        {
            good &= (backwards[i] | jumps[i]) == 0;
            Line line = Line.Start(Name(i));
            line.Add(Linux.Text(" reads="u8), (long)(reads / Clocks));
            line.Add(Linux.Text(" backwards="u8), (long)backwards[i]);
            line.Add(Linux.Text(" jumps="u8), (long)jumps[i]);
            line.Add(Linux.Text(" step="u8), worst[i]);
            line.End();
        }
        status = good ? 0 : 1;
        return told == Waits.Count;
    }

    private static void Print(Finding* f)
    {
        Line line = Line.Start(Waits.Name(f->Kind));
        line.Add(Linux.Text(" rounds="u8), (long)f->Rounds);
        line.Add(Linux.Text(" early="u8), (long)f->Early);
        line.Add(Linux.Text(" late="u8), (long)f->Late);
        line.Add(Linux.Text(" lost="u8), (long)f->Lost);
        line.Add(Linux.Text(" backwards="u8), (long)f->Backwards);
        line.Add(Linux.Text(" worstEarly="u8), f->WorstEarly);
        line.Add(Linux.Text(" worstLate="u8), f->WorstLate);
        line.End();
    }
}

/// <summary>A line of the report.</summary>
internal unsafe ref struct Line
{
    private byte* _at;

    /// <summary>"proof NAME".</summary>
    internal static Line Start(byte* name)
    {
        Line line = default;
        line._at = Text.Append(Text.Append(Text.Line, Linux.Text("proof "u8)), name);
        return line;
    }

    internal void Add(byte* key, long value) => _at = Text.AppendNumber(Text.Append(_at, key), value);

    internal void End()
    {
        *_at++ = (byte)'\n';
        Linux.Write(1, Text.Line, (ulong)(_at - Text.Line));
    }
}
