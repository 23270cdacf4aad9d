using System.Buffers.Binary;
using CoSim.Os.Programs.Workload;

namespace CoSim.Cli.Workloads;

/// <summary>One step of a thread: a row of the guest's table, and what the recording knows of it.</summary>
/// <param name="Row">Which row of the report it counts for; without meaning when the operation is silent.</param>
/// <param name="Operation">What the guest does.</param>
/// <param name="Recorded">How long it took when it was recorded, in nanoseconds; null when unknown.</param>
public readonly record struct WorkloadStep(WorkloadRow Row, Operation Operation, ulong? Recorded)
{
    /// <summary>Whether the step is measured.</summary>
    public bool IsMeasured => (Operation.Flags & OperationFlags.Silent) == 0;
}

/// <summary>One thread of a workload.</summary>
/// <param name="Id">The recorded thread's number.</param>
/// <param name="Name">Its name; empty when unknown.</param>
/// <param name="Start">Its first event, in nanoseconds from the recording's.</param>
/// <param name="Objects">Timers that it uses.</param>
/// <param name="Steps">What it does.</param>
public sealed record WorkloadThread(ulong Id, string Name, ulong Start, int Objects, IReadOnlyList<WorkloadStep> Steps)
{
    /// <summary>Calls that are measured.</summary>
    public int Measured => Steps.Count(s => s.IsMeasured);
}

/// <summary>The clock and timer calls of a recorded program, ready to be replayed.</summary>
/// <param name="Threads">Its threads, in the order of their starts; those without a measured call are left out.</param>
/// <param name="Left">Calls on clocks and timers that are not replayed: how many, by name and reason.</param>
public sealed record Workload(IReadOnlyList<WorkloadThread> Threads, IReadOnlyDictionary<string, long> Left)
{
    /// <summary>All calls that are measured.</summary>
    public int Measured => Threads.Sum(t => t.Measured);

    /// <summary>The table that the guest's program reads (os/Programs/Workload/Operation.cs).</summary>
    /// <param name="megahertz">Ticks of the TSC in a microsecond.</param>
    public byte[] Table(uint megahertz)
    {
        int rows = Threads.Sum(t => t.Steps.Count);
        byte[] table = new byte[TableHeader.Size + Threads.Count * ThreadHeader.Size + rows * Operation.Size];
        BinaryPrimitives.WriteUInt64LittleEndian(table, TableHeader.Magic);
        BinaryPrimitives.WriteUInt32LittleEndian(table.AsSpan(8), (uint)Threads.Count);
        BinaryPrimitives.WriteUInt32LittleEndian(table.AsSpan(12), megahertz);
        Span<byte> at = table.AsSpan(TableHeader.Size);
        foreach (WorkloadThread thread in Threads)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(at, thread.Start);
            BinaryPrimitives.WriteUInt32LittleEndian(at[8..], (uint)thread.Steps.Count);
            BinaryPrimitives.WriteUInt32LittleEndian(at[12..], (uint)thread.Objects);
            at = at[ThreadHeader.Size..];
        }

        foreach (WorkloadThread thread in Threads)
        {
            foreach (WorkloadStep step in thread.Steps)
            {
                Operation operation = step.Operation;
                BinaryPrimitives.WriteUInt64LittleEndian(at, operation.Gap);
                BinaryPrimitives.WriteUInt64LittleEndian(at[8..], operation.Timeout);
                BinaryPrimitives.WriteUInt64LittleEndian(at[16..], operation.Interval);
                BinaryPrimitives.WriteUInt64LittleEndian(at[24..], operation.Woken);
                at[32] = (byte)operation.Kind;
                at[33] = (byte)operation.Flags;
                BinaryPrimitives.WriteInt16LittleEndian(at[34..], operation.Clock);
                BinaryPrimitives.WriteInt32LittleEndian(at[36..], operation.Object);
                at = at[Operation.Size..];
            }
        }

        return table;
    }
}
