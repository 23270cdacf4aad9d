using CoSim.Guest;

namespace CoSim.Os;

/// <summary>What backs a mapping.</summary>
public enum VmaKind { Anonymous, File, Special }

/// <summary>A range of user addresses with the same rights and backing. Kept in a list sorted by address.</summary>
public unsafe struct Vma
{
    public Vma* Next;
    public ulong Start, End;        // page aligned, end exclusive
    public int Prot;                // PROT_*
    public VmaKind Kind;
    public bool Shared;
    public bool GrowsDown;
    public bool DontFork;

    /// <summary>File mappings: the file and the byte offset of Start. Anonymous shared mappings use an unnamed file.</summary>
    public Inode* Inode;
    public Dentry* Dentry;
    public ulong FileOffset;

    /// <summary>Special mappings: gives the page table entry (physical | bits) of a page by its index in the mapping; 0 raises SIGBUS.</summary>
    public delegate*<AddressSpace*, Vma*, ulong, ulong> SpecialFault;

    /// <summary>Name for /proc/PID/maps, such as [heap]; null if none.</summary>
    public byte* Name;
}

/// <summary>Memory protection and mapping constants of the Linux ABI.</summary>
public static class MapFlags
{
    public const int ProtRead = 1, ProtWrite = 2, ProtExec = 4;
    public const int Shared = 1, Private = 2, SharedValidate = 3, TypeMask = 15, Fixed = 16, Anonymous = 32, GrowsDown = 0x100, FixedNoReplace = 0x100000;
}

/// <summary>The user address space of a process (Linux's mm_struct).</summary>
public unsafe partial struct AddressSpace
{
    public int Refs;
    public ulong Root;              // physical address of the top page table
    public SpinLock Lock;
    public Vma* First;
    public ulong BrkStart, Brk, MmapTop;
    public ulong StackStart, ArgStart, ArgEnd, EnvStart, EnvEnd, CodeStart, CodeEnd, DataStart, DataEnd;
    public ulong VdsoBase;

    /// <summary>CPUs that may hold translations of this address space; bit per CPU.</summary>
    public ulong ActiveCpus;
    public long ResidentPages, PeakResidentPages, MappedPages;
    public Dentry* Executable;

    /// <summary>PR_SET_DUMPABLE is off: others may not look into the process, and its /proc files are root's.</summary>
    public bool NotDumpable;

    /// <summary>Commands of membarrier(2) that have been registered.</summary>
    public int Membarriers;

    /// <summary>The auxiliary vector as given to the program, for /proc/PID/auxv.</summary>
    public AuxVector Aux;

    /// <summary>An empty address space with one reference, or null.</summary>
    public static AddressSpace* Create()
    {
        AddressSpace* mm = Heap.New<AddressSpace>();
        if (mm == null) return null;
        mm->Root = PageAllocator.AllocateZeroed();
        if (mm->Root == 0)
        {
            Heap.Free(mm);
            return null;
        }
        Text.Copy((byte*)DirectMap.Pointer(mm->Root) + 2048, (byte*)DirectMap.Pointer(PageTable.KernelRoot) + 2048, 2048);
        mm->Refs = 1;
        mm->MmapTop = KernelMap.UserEnd - 0x1000_0000;
        return mm;
    }

    /// <summary>Drops a reference; the last tears the address space down. No CPU may have it loaded then (see <see cref="Switch"/>).</summary>
    public static void Put(AddressSpace* mm)
    {
        if (mm == null || Atomic.FetchAdd32(Text.Address(ref mm->Refs), -1) != 1) return;
        ReleaseAll(mm);
        for (int i = 0; i < Cpu.Possible; i++)
        {
            // Lazy CPUs: idle and kernel threads keep the last table loaded.
            if ((Atomic.Load64(Text.Address(ref mm->ActiveCpus)) >> i & 1) == 0) continue;
            PerCpu* cpu = Cpu.At(i);
            if (cpu == Cpu.Current) LoadKernelRoot(cpu);
        }
        if (Atomic.Load64(Text.Address(ref mm->ActiveCpus)) != 0) { Defer(mm); return; }
        Destroy(mm);
    }

    private static void Destroy(AddressSpace* mm)
    {
        PageTable.FreeUser(mm->Root);
        if (mm->Executable != null) Atomic.FetchAdd32(&mm->Executable->Inode->Executing, -1);
        Dentry.Put(mm->Executable);
        Heap.Free(mm);
    }

    /// <summary>Names the file that is executed; it must not have one yet.</summary>
    public static void SetExecutable(AddressSpace* mm, Dentry* file)
    {
        mm->Executable = file;
        if (file == null) return;
        Dentry.Get(file);
        Atomic.FetchAdd32(&file->Inode->Executing, 1);
    }

    private static AddressSpace* s_deferred;
    private static SpinLock s_deferredLock;

    /// <summary>An address space whose table another CPU still has loaded lazily: freed by that CPU's next switch.</summary>
    private static void Defer(AddressSpace* mm)
    {
        s_deferredLock.Acquire();
        mm->First = (Vma*)s_deferred;
        s_deferred = mm;
        s_deferredLock.Release();
    }

    /// <summary>Frees deferred address spaces that no CPU has loaded any more. Called from exit and exec, where freeing is ordinary.</summary>
    public static void ReapDeferred()
    {
        if (s_deferred == null) return;
        s_deferredLock.Acquire();
        AddressSpace* mm = s_deferred;
        s_deferred = null;
        s_deferredLock.Release();
        while (mm != null)
        {
            AddressSpace* next = (AddressSpace*)mm->First;
            if (Atomic.Load64(Text.Address(ref mm->ActiveCpus)) != 0) Defer(mm);
            else Destroy(mm);
            mm = next;
        }
    }

    /// <summary>Loads the table of <paramref name="mm"/>; null (a kernel thread) leaves the current one in place. Interrupts are off.</summary>
    public static void Switch(PerCpu* cpu, AddressSpace* mm)
    {
        if (mm == null || cpu->LoadedMm == mm) return;
        ulong bit = 1UL << (int)cpu->Id;
        AddressSpace* old = cpu->LoadedMm;
        Atomic.Or64(Text.Address(ref mm->ActiveCpus), bit);
        cpu->LoadedMm = mm;
        Machine.WriteCr3(mm->Root);
        if (old != null) Atomic.And64(Text.Address(ref old->ActiveCpus), ~bit);
    }

    /// <summary>Leaves any user table.</summary>
    public static void LoadKernelRoot(PerCpu* cpu)
    {
        ulong flags = Cpu.IrqSave();
        AddressSpace* old = cpu->LoadedMm;
        cpu->LoadedMm = null;
        Machine.WriteCr3(PageTable.KernelRoot);
        if (old != null) Atomic.And64(Text.Address(ref old->ActiveCpus), ~(1UL << (int)cpu->Id));
        Cpu.IrqRestore(flags);
    }

    /// <summary>The mapping that contains <paramref name="address"/>, or null. The lock is held.</summary>
    public static Vma* Find(AddressSpace* mm, ulong address)
    {
        for (Vma* v = mm->First; v != null && v->Start <= address; v = v->Next) if (address < v->End) return v;
        return null;
    }
}
