namespace CoSim.Os;

/// <summary>Address spaces from an image.</summary>
internal static unsafe partial class ProcessRestore
{
    private static int LoadMemory(State* s)
    {
        ImageReader* r = &s->Reader;
        ulong id = r->Word(), executable = r->Word();
        AddressSpace* mm = AddressSpace.Create();
        if (mm == null) return -Errno.ENOMEM;
        mm->BrkStart = r->Word();
        mm->Brk = r->Word();
        mm->MmapTop = r->Word();
        mm->StackStart = r->Word();
        mm->ArgStart = r->Word();
        mm->ArgEnd = r->Word();
        mm->EnvStart = r->Word();
        mm->EnvEnd = r->Word();
        mm->CodeStart = r->Word();
        mm->CodeEnd = r->Word();
        mm->DataStart = r->Word();
        mm->DataEnd = r->Word();
        ulong vdso = r->Word();
        mm->NotDumpable = r->Flag();
        byte* aux = r->Bytes((ulong)sizeof(AuxVector));
        int error = aux == null || mm->MmapTop > KernelMap.UserEnd || mm->Brk > KernelMap.UserEnd || mm->BrkStart > mm->Brk ? -Errno.EINVAL : 0;
        if (error == 0) Text.Copy(&mm->Aux, aux, (ulong)sizeof(AuxVector));
        if (error == 0 && executable != ImageFormat.None)
        {
            Dentry* name = (Dentry*)s->Names.At(executable);
            if (name == null) error = -Errno.EINVAL;
            else AddressSpace.SetExecutable(mm, name);
        }
        if (error == 0 && vdso != 0) error = Timekeeping.VdsoMapping.MapAt(mm, vdso);
        if (error == 0) error = Number(s, &s->Objects.Memories, id, mm);
        if (error != 0) AddressSpace.Put(mm);
        return error;
    }

    private static int LoadMapping(State* s)
    {
        ImageReader* r = &s->Reader;
        AddressSpace* mm = (AddressSpace*)s->Objects.Memories.At(r->Word());
        Vma v = default;
        v.Start = r->Word();
        v.End = r->Word();
        v.Prot = r->Int();
        v.Shared = r->Flag();
        v.GrowsDown = r->Flag();
        v.DontFork = r->Flag();
        ulong inode = r->Word();
        v.FileOffset = r->Word();
        bool heap = r->Flag();
        bool aligned = ((v.Start | v.End | v.FileOffset) & KernelMap.PageSize - 1) == 0;
        if (r->Bad || mm == null || !aligned || v.Start < AddressSpace.LowestAddress || v.Start >= v.End || v.End > KernelMap.UserEnd || (v.Prot & ~7) != 0) return -Errno.EINVAL;
        v.Kind = VmaKind.Anonymous;
        if (inode != ImageFormat.None)
        {
            v.Kind = VmaKind.File;
            v.Inode = (Inode*)s->Objects.Inodes.At(inode);
            v.Dentry = (Dentry*)s->Names.At(inode);
            if (v.Inode == null || v.FileOffset > LargestFile) return -Errno.EINVAL;
        }
        else if (v.Shared) return -Errno.EINVAL;
        if (heap) v.Name = Text.Literal("[heap]"u8);
        if (!AddressSpace.IsFree(mm, v.Start, v.End)) return -Errno.EINVAL;
        return AddressSpace.Insert(mm, &v) == null ? -Errno.ENOMEM : 0;
    }

    private static int LoadPage(State* s)
    {
        AddressSpace* mm = (AddressSpace*)s->Objects.Memories.At(s->Reader.Word());
        ulong address = s->Reader.Word();
        byte* bytes = s->Reader.Bytes(KernelMap.PageSize);
        return mm == null || bytes == null ? -Errno.EINVAL : AddressSpace.FillPage(mm, address, bytes);
    }

    private static int LoadPlace(State* s)
    {
        ImageReader* r = &s->Reader;
        ulong id = r->Word(), umask = r->Word(), length = r->Word();
        byte* path = r->Bytes(length);
        if (r->Bad || length == 0 || length >= Vfs.PathMax) return -Errno.EINVAL;
        int error = FindDirectory(path, length, out Dentry* working);
        if (error != 0) return error;
        FsContext* fs = Heap.New<FsContext>();
        if (fs == null)
        {
            Dentry.Put(working);
            return -Errno.ENOMEM;
        }
        fs->Refs = 1;
        fs->Umask = (uint)umask & 0x1FF;
        fs->Root = Vfs.Root;
        fs->Working = working;
        Dentry.Get(fs->Root);
        error = Number(s, &s->Objects.Places, id, fs);
        if (error != 0) FsContext.Put(fs);
        return error;
    }
}
