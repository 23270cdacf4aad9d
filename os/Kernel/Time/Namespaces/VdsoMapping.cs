using System.Runtime;
using System.Runtime.CompilerServices;
using CoSim.Guest;

namespace CoSim.Os.Timekeeping;

/// <summary>
/// The vDSO image that the kernel carries, and its mapping: four data pages, then the code. In a time namespace the first
/// data page is the namespace's and the last the system's (time namespace reference, section 6).
/// </summary>
internal static unsafe class VdsoMapping
{
    private const ulong Page = 4096, DataPages = 4;
    private const ulong VvarIndex = 0, TimensIndex = 3;

    [RuntimeImport("vdso_image_start"), MethodImpl(MethodImplOptions.InternalCall)] private static extern void ImageStart();
    [RuntimeImport("vdso_image_end"), MethodImpl(MethodImplOptions.InternalCall)] private static extern void ImageEnd();

    private static byte* VvarName => Text.Literal("[vvar]"u8);

    private static ulong s_codePhysical;
    private static ulong s_codePages;

    /// <summary>
    /// Copies the loadable part of the image to pages of its own: embedded files need not begin a page, and carry symbols
    /// that no process has use for.
    /// </summary>
    private static bool Load()
    {
        byte* image = (byte*)Machine.Address(&ImageStart);
        ulong size = Machine.Address(&ImageEnd) - (ulong)image;
        ulong loaded = LoadedSize(image, size);
        if (loaded == 0) return false;
        ulong pages = (loaded + Page - 1) / Page;
        int order = 0;
        while (1UL << order < pages) order++;
        ulong physical = PageAllocator.Allocate(order);
        if (physical == 0) return false;
        byte* to = (byte*)DirectMap.Pointer(physical);
        Text.Fill(to, 0, Page << order);
        Text.Copy(to, image, loaded);
        s_codePages = pages;
        s_codePhysical = physical;
        return true;
    }

    /// <summary>End of the PT_LOAD segments; the image is linked at 0 with file offsets equal to addresses.</summary>
    private static ulong LoadedSize(byte* image, ulong size)
    {
        if (size < 64 || *(uint*)image != 0x464C457F) return 0;
        ulong end = 0;
        byte* header = image + *(ulong*)(image + 32);
        int count = *(ushort*)(image + 56);
        for (int i = 0; i < count; i++, header += 56)
        {
            if (*(uint*)header != 1) continue;
            ulong top = *(ulong*)(header + 16) + *(ulong*)(header + 40);
            if (top > end) end = top;
        }
        return end <= size ? end : size;
    }

    /// <summary>Maps data and code where there is room below the stack.</summary>
    /// <returns>0 or -ENOMEM.</returns>
    internal static int Map(AddressSpace* mm, out ulong vdsoBase)
    {
        vdsoBase = 0;
        if (s_codePhysical == 0 && !Load()) return -Errno.ENOMEM;
        mm->Lock.Acquire();
        ulong at = AddressSpace.FindFree(mm, (DataPages + s_codePages) * Page);
        int error = at == 0 ? -Errno.ENOMEM : InsertBoth(mm, at);
        if (error == 0) vdsoBase = at + DataPages * Page;
        mm->Lock.Release();
        mm->VdsoBase = vdsoBase;
        return error;
    }

    /// <summary>Maps them where they were on another machine: <paramref name="vdsoBase"/> is the address of the code.</summary>
    /// <returns>0, -EINVAL where something else is, or -ENOMEM.</returns>
    internal static int MapAt(AddressSpace* mm, ulong vdsoBase)
    {
        if (s_codePhysical == 0 && !Load()) return -Errno.ENOMEM;
        ulong at = vdsoBase - DataPages * Page;
        if ((vdsoBase & Page - 1) != 0 || vdsoBase < DataPages * Page || vdsoBase >= KernelMap.UserEnd) return -Errno.EINVAL;
        mm->Lock.Acquire();
        int error = AddressSpace.IsFree(mm, at, vdsoBase + s_codePages * Page) ? InsertBoth(mm, at) : -Errno.EINVAL;
        mm->Lock.Release();
        mm->VdsoBase = vdsoBase;
        return error;
    }

    /// <summary>Whether an address is in the code of the vDSO.</summary>
    internal static bool IsInside(AddressSpace* mm, ulong address) =>
        mm != null && mm->VdsoBase != 0 && address - mm->VdsoBase < s_codePages * Page;

    /// <summary>A number that is another one for other code (FNV-1a, 64 bits): an image must not go on in the middle of a program with it.</summary>
    internal static ulong Fingerprint()
    {
        if (s_codePhysical == 0 && !Load()) return 0;
        ulong* words = (ulong*)DirectMap.Pointer(s_codePhysical);
        ulong hash = 0xCBF2_9CE4_8422_2325;
        for (ulong i = 0; i < s_codePages * Page / 8; i++) hash = (hash ^ words[i]) * 0x0000_0100_0000_01B3;
        return hash;
    }

    private static int InsertBoth(AddressSpace* mm, ulong at)
    {
        Vma model = default;
        model.Kind = VmaKind.Special;
        model.Start = at;
        model.End = at + DataPages * Page;
        model.Prot = MapFlags.ProtRead;
        model.SpecialFault = &VvarFault;
        model.Name = VvarName;
        if (AddressSpace.Insert(mm, &model) == null) return -Errno.ENOMEM;
        model.Start = at + DataPages * Page;
        model.End = model.Start + s_codePages * Page;
        model.Prot = MapFlags.ProtRead | MapFlags.ProtExec;
        model.SpecialFault = &CodeFault;
        model.Name = Text.Literal("[vdso]"u8);
        return AddressSpace.Insert(mm, &model) == null ? -Errno.ENOMEM : 0;
    }

    private static ulong CodeFault(AddressSpace* mm, Vma* vma, ulong index) => index < s_codePages ? s_codePhysical + index * Page : 0;

    /// <summary>Page of the data pages, 0 (SIGBUS) for those that do not exist: paravirtual clocks, and page 3 outside namespaces.</summary>
    private static ulong VvarFault(AddressSpace* mm, Vma* vma, ulong index)
    {
        ulong own = Cpu.CurrentTask->NsProxy->TimeNs->VvarPage;
        if (index == VvarIndex) return own != 0 ? own : TimePages.VvarPhysical;
        return index == TimensIndex && own != 0 ? TimePages.VvarPhysical : 0;
    }

    /// <summary>Takes the data pages out of an address space whose task has changed namespace; the next access faults them in.</summary>
    internal static void Remap(AddressSpace* mm)
    {
        mm->Lock.Acquire();
        for (Vma* v = mm->First; v != null; v = v->Next)
        {
            if (v->Kind == VmaKind.Special && v->Name == VvarName) AddressSpace.ReleasePages(mm, v->Start, v->End, true);
        }
        mm->Lock.Release();
    }
}
