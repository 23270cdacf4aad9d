using System.Runtime;
using CoSim.Guest;

namespace CoSim.Os.Programs.Init;

/// <summary>The first process: runs its programs one after another, reports how they ended, powers off.</summary>
public static unsafe class Program
{
    /// <summary>"RUN": the label that retires when the boot is over and the console is init's and the program's.</summary>
    private const ulong ProgramStarts = 0x4E5552;

    /// <summary>"END" in bits 23:0: a program has ended with the status in bits 31:24; its place among the programs is in bits 63:32.</summary>
    private const ulong ProgramEnds = 0x444E45;

    private const int StatusNotFound = 127, StatusNotExecutable = 126, StatusUsage = 2;

    /// <summary>Entry point.</summary>
    [RuntimeExport("main")]
    public static int Main(ulong* stack)
    {
        bool first = Linux.IsFirstProcess; // tried out on a running system, it must neither mount nor power off
        if (first)
        {
            Linux.Mount(Linux.Text("proc"u8), Linux.Text("/proc"u8));
            Linux.Mount(Linux.Text("sysfs"u8), Linux.Text("/sys"u8));
            Linux.Mount(Linux.Text("devtmpfs"u8), Linux.Text("/dev"u8));
            ConsoleSetup.OpenWhenAbsent();
            ConsoleSetup.Own();
        }
        Marker.Label(ProgramStarts);
        int status = Run(Job.Read(stack));
        ConsoleSetup.Drain();
        Marker.ExitStatus((ulong)status);
        if (first) Linux.PowerOff();
        return status;
    }

    private static int Run(Job job)
    {
        if (job.NoEcho) ConsoleSetup.TurnEchoOff();
        if (job.Image != null)
        {
            int restored = Migration.TakeOver(job.Image, job.KeepClocks);
            return restored < 0 ? -restored : WaitFor(restored);
        }
        if (job.Count == 0)
        {
            Text.Complain(Linux.Text("init: no program to run"u8), Linux.Text(""u8), StatusUsage);
            return StatusUsage;
        }
        if (job.Offsets != null)
        {
            long error = TimeNamespace.Create(job.Offsets);
            if (error < 0)
            {
                Text.Complain(Linux.Text("init: cannot make a time namespace, error"u8), Linux.Text(""u8), error);
                return StatusNotExecutable;
            }
        }
        int result = 0;
        for (int i = 0; i < job.Count; i++)
        {
            int status = RunOne(job.Programs[i], i == job.Count - 1 ? job.CheckpointAfter : -1);
            ConsoleSetup.Drain();
            Marker.Label(ProgramEnds | (ulong)(uint)status << 24 | (ulong)(uint)i << 32);
            if (result == 0) result = status;
        }
        return result;
    }

    private static int RunOne(byte** words, long checkpointAfter)
    {
        if (checkpointAfter >= 0) Migration.NumberFromThousand();
        int child = Linux.Fork();
        if (child == 0) Execute(words);
        if (child > 0 && checkpointAfter >= 0)
        {
            int status = Migration.HandOver(child, checkpointAfter);
            if (status >= 0) return status;
        }
        return child < 0 ? StatusNotExecutable : WaitFor(child);
    }

    private static void Execute(byte** words)
    {
        byte* path = *words;
        if (!Text.Has(path, (byte)'/'))
        {
            path = Linux.Allocate(Text.Length(*words) + 8);
            Text.Append(Text.Append(path, Linux.Text("/bin/"u8)), *words);
        }
        byte** environment = (byte**)Linux.Allocate((ulong)(4 * sizeof(byte*)));
        environment[0] = Linux.Text("PATH=/bin:/sbin:/usr/bin:/usr/sbin"u8);
        environment[1] = Linux.Text("HOME=/"u8);
        environment[2] = Linux.Text("TERM=linux"u8);
        environment[3] = null;
        long error = Linux.Execute(path, words, environment);
        Text.Complain(Linux.Text("init: cannot run "u8), path, error);
        Linux.Exit(error == Linux.NoSuchFile ? StatusNotFound : StatusNotExecutable);
    }

    /// <summary>Waits for the program, and meanwhile for every process that lost its parent.</summary>
    private static int WaitFor(int child)
    {
        while (true)
        {
            long ended = Linux.Wait(-1, out int status);
            if (ended == child) return (status & 0x7F) == 0 ? status >> 8 & 0xFF : 128 + (status & 0x7F);
            if (ended < 0 && ended != Linux.Interrupted) return StatusNotExecutable;
        }
    }
}
