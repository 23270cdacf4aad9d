using Iced.Intel;

namespace CoSim.Guest.Link.Stubs;

/// <summary>All stubs, by symbol. Each theme adds its own in a file of this folder.</summary>
public sealed class StubLibrary
{
    private readonly Dictionary<string, Stub> _byName = [];

    /// <summary>The stubs that images of one kind may use.</summary>
    public StubLibrary(LinkOptions options)
    {
        ClockStubs.Add(this);
        PortStubs.Add(this);
        ProcessorStubs.Add(this);
        MemoryStubs.Add(this);
        AtomicStubs.Add(this);
        PerCpuStubs.Add(this);
        MarkerStubs.Add(this);
        RuntimeStubs.Add(this);
        switch (options.Kind)
        {
            case ImageKind.Kernel:
                PvhStubs.Add(this, options.Entry);
                ApStubs.Add(this);
                TrapStubs.Add(this);
                SystemCallEntryStubs.Add(this);
                ContextStubs.Add(this);
                UserAccessStubs.Add(this);
                UserStubs.AddCalls(this);
                break;
            case ImageKind.Firmware:
                FirmwareStubs.Add(this, options.Entry);
                SystemManagementStubs.Add(this);
                WakeStubs.Add(this);
                TrapStubs.Add(this);
                break;
            case ImageKind.Vdso:
                UserStubs.AddCalls(this);
                break;
            case ImageKind.User:
                UserStubs.Add(this, options.Entry);
                break;
        }
    }

    /// <summary>Adds a stub of one or a few instructions, which replaces calls of it where it fits in the call's five bytes.</summary>
    public void Inline(string name, Action<Assembler> body) => Add(new Stub { Names = [name], Inline = true, Emit = w => body(w.Code) });

    /// <summary>Adds a stub that is called.</summary>
    public void Function(string name, Action<Assembler> body) => Add(new Stub { Names = [name], Emit = w => body(w.Code) });

    /// <summary>Adds a stub.</summary>
    public void Add(Stub stub)
    {
        foreach (string name in stub.Names) _byName.Add(name, stub);
    }

    /// <summary>All stubs.</summary>
    public IEnumerable<Stub> All => _byName.Values.Distinct();

    /// <summary>The stub that defines a symbol, or null.</summary>
    public Stub? Find(string name) => _byName.GetValueOrDefault(name);
}
