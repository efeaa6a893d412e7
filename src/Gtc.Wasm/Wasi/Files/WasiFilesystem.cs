using Gtc.Wasm.Components;
using Microsoft.Win32.SafeHandles;

namespace Gtc.Wasm.Wasi;

/// <summary><c>wasi:filesystem</c>: without folders in the grants there is no descriptor, and so no file.</summary>
internal static class WasiFilesystem
{
    private const uint ReadFlag = 1;
    private const uint WriteFlag = 2;
    private const uint MutateFlag = 32;
    private const string Descriptor = "wasi:filesystem/types#[method]descriptor";

    public static Dictionary<string, HostHandler> Handlers { get; } = new(StringComparer.Ordinal)
    {
        ["wasi:filesystem/preopens#get-directories"] = Directories,
        ["wasi:filesystem/types#filesystem-error-code"] = (_, arguments) => arguments[0].Open(WasiResources.Error).Fault is { } fault
            ? ComponentValue.Some(new ComponentValue.Number((uint)fault))
            : ComponentValue.None,
        ["wasi:filesystem/types#[method]directory-entry-stream.read-directory-entry"] = (_, arguments) =>
            ComponentValue.Ok(arguments[0].Open(WasiResources.Entries).Next() is { } entry
                ? ComponentValue.Some(ComponentValue.Of(new ComponentValue.Number(entry.Type), Values.Of(entry.Name)))
                : ComponentValue.None),
        [$"{Descriptor}.read-via-stream"] = On(static (_, file, arguments) =>
            Values.Give<WasiInput>(WasiResources.Input, new FileInput(Readable(file), arguments[1].Natural()))),
        [$"{Descriptor}.write-via-stream"] = On(static (_, file, arguments) =>
            Values.Give<WasiOutput>(WasiResources.Output, new FileOutput(Writable(file), arguments[1].Natural()))),
        [$"{Descriptor}.append-via-stream"] = On(static (_, file, _) => Values.Give<WasiOutput>(WasiResources.Output, new FileOutput(Writable(file), null))),
        [$"{Descriptor}.advise"] = On(static (_, _, _) => null),
        [$"{Descriptor}.sync-data"] = On(Sync),
        [$"{Descriptor}.sync"] = On(Sync),
        [$"{Descriptor}.get-flags"] = On(static (_, file, _) => new ComponentValue.Number(
            (file.CanRead ? ReadFlag : 0) | (file.CanWrite ? file.IsDirectory ? MutateFlag : WriteFlag : 0))),
        [$"{Descriptor}.get-type"] = On(static (_, file, _) => new ComponentValue.Number(file.Status.Type)),
        [$"{Descriptor}.set-size"] = On(static (_, file, arguments) => Done(() => file.SetSize(arguments[1].Natural()))),
        [$"{Descriptor}.set-times"] = On(static (context, file, arguments) =>
            Done(() => file.SetTimes(Moment(context, arguments[1]), Moment(context, arguments[2])))),
        [$"{Descriptor}.set-times-at"] = On(static (context, file, arguments) => Done(() =>
        {
            using var target = file.Open(arguments[2].Text(), Follow(arguments[1]), read: true, file.CanWrite);
            target.SetTimes(Moment(context, arguments[3]), Moment(context, arguments[4]));
        })),
        [$"{Descriptor}.read"] = On(static (_, file, arguments) =>
        {
            var bytes = file.Read(arguments[2].Natural(), arguments[1].Natural());
            return ComponentValue.Of(Values.Of(bytes), Values.Of(bytes.IsEmpty && arguments[1].Natural() > 0));
        }),
        [$"{Descriptor}.write"] = On(static (_, file, arguments) =>
        {
            file.Write(arguments[1].Bytes().Span, arguments[2].Natural());
            return Values.Of((ulong)arguments[1].Bytes().Length);
        }),
        [$"{Descriptor}.read-directory"] = On(static (_, file, _) => Values.Give(WasiResources.Entries, new DirectoryEntries(file))),
        [$"{Descriptor}.stat"] = On(static (_, file, _) => Stat(file.Status)),
        [$"{Descriptor}.stat-at"] = On(static (_, file, arguments) => Stat(file.StatusAt(arguments[2].Text(), Follow(arguments[1]) == 0))),
        [$"{Descriptor}.open-at"] = On(static (_, file, arguments) => Values.Give(WasiResources.Descriptor, OpenAt(file, arguments))),
        [$"{Descriptor}.create-directory-at"] = On(static (_, file, arguments) => At(file.Holder(arguments[1].Text()), FileSystemCalls.MakeDirectory)),
        [$"{Descriptor}.remove-directory-at"] = On(static (_, file, arguments) =>
            At(file.Holder(arguments[1].Text()), static (folder, name) => FileSystemCalls.Remove(folder, name, isDirectory: true))),
        [$"{Descriptor}.unlink-file-at"] = On(static (_, file, arguments) =>
            At(file.Holder(arguments[1].Text()), static (folder, name) => FileSystemCalls.Remove(folder, name, isDirectory: false))),
        [$"{Descriptor}.rename-at"] = On(static (_, file, arguments) => Both(file, arguments[1], arguments[2], arguments[3], FileSystemCalls.Rename)),
        [$"{Descriptor}.link-at"] = On(static (_, file, arguments) => Both(file, arguments[2], arguments[3], arguments[4], FileSystemCalls.Link)),
        [$"{Descriptor}.symlink-at"] = On(SymbolicLink),
        [$"{Descriptor}.readlink-at"] = On(static (_, file, arguments) =>
        {
            var (folder, name) = file.Parent(arguments[1].Text());
            using (folder)
            {
                return Values.Of(FileSystemCalls.ReadLink(folder, name));
            }
        }),
        [$"{Descriptor}.is-same-object"] = (_, arguments) =>
        {
            var (one, other) = (arguments[0].Open(WasiResources.Descriptor).Status, arguments[1].Open(WasiResources.Descriptor).Status);
            return Values.Of(one.Inode == other.Inode && one.Device == other.Device);
        },
        [$"{Descriptor}.metadata-hash"] = On(static (_, file, _) => Hash(file.Status)),
        [$"{Descriptor}.metadata-hash-at"] = On(static (_, file, arguments) => Hash(file.StatusAt(arguments[2].Text(), Follow(arguments[1]) == 0))),
    };

    private static HostHandler On(Func<WasiContext, WasiDescriptor, ComponentValue[], ComponentValue?> operation) => (call, arguments) =>
    {
        try
        {
            return ComponentValue.Ok(operation(call.Get<WasiContext>(), arguments[0].Open(WasiResources.Descriptor), arguments.ToArray()));
        }
        catch (FileFaultException fault)
        {
            return ComponentValue.Error(new ComponentValue.Number((uint)fault.Fault));
        }
    };

    private static ComponentValue Directories(HostCall call, ReadOnlySpan<ComponentValue> arguments)
    {
        var context = call.Get<WasiContext>();
        return Values.Of(context.Grants.Folders.Select(folder => ComponentValue.Of(
            Values.Give(WasiResources.Descriptor, WasiDescriptor.OfFolder(context, folder)), Values.Of(folder.GuestPath))));
    }

    private static WasiDescriptor OpenAt(WasiDescriptor folder, ComponentValue[] arguments)
    {
        var how = arguments[3].Number();
        var flags = arguments[4].Number();
        var write = (flags & WriteFlag) != 0;
        var changes = (how & 0b1001) != 0 || (flags & (WriteFlag | MutateFlag)) != 0;
        if (changes && !folder.CanWrite)
        {
            throw new FileFaultException(FileFault.ReadOnly);
        }

        var open = Follow(arguments[1])
            | ((how & 1) != 0 ? FileSystemCalls.Create : 0)
            | ((how & 2) != 0 ? FileSystemCalls.Directory : 0)
            | ((how & 4) != 0 ? FileSystemCalls.Exclusive : 0)
            | ((how & 8) != 0 ? FileSystemCalls.Truncate : 0)
            | (write ? (flags & ReadFlag) != 0 ? FileSystemCalls.ReadWrite : FileSystemCalls.WriteOnly : FileSystemCalls.ReadOnly);
        var opened = folder.Open(arguments[2].Text(), open, (flags & ReadFlag) != 0 || !write, write || folder.CanWrite && (flags & MutateFlag) != 0);
        return opened;
    }

    private static ComponentValue? Sync(WasiContext context, WasiDescriptor file, ComponentValue[] arguments)
    {
        if (!file.IsDirectory && file.CanWrite)
        {
            RandomAccess.FlushToDisk(file.Handle);
        }

        return null;
    }

    // A link that leads out would be refused when the guest follows it, but others who look into the folder would follow it too.
    private static ComponentValue? SymbolicLink(WasiContext context, WasiDescriptor file, ComponentValue[] arguments)
    {
        var target = arguments[1].Text();
        return target.Length == 0 || target.StartsWith('/') || target.Split('/').Contains("..")
            ? throw new FileFaultException(FileFault.NotPermitted)
            : At(file.Holder(arguments[2].Text()), (folder, name) => FileSystemCalls.MakeSymbolicLink(target, folder, name));
    }

    private static ComponentValue? Both(
        WasiDescriptor from, ComponentValue path, ComponentValue to, ComponentValue newPath, Action<SafeFileHandle, string, SafeFileHandle, string> change)
    {
        var (folder, name) = from.Holder(path.Text());
        using (folder)
        {
            var (newFolder, newName) = to.Open(WasiResources.Descriptor).Holder(newPath.Text());
            using (newFolder)
            {
                change(folder, name, newFolder, newName);
            }
        }

        return null;
    }

    private static ComponentValue? At((SafeFileHandle Folder, string Name) place, Action<SafeFileHandle, string> change)
    {
        using (place.Folder)
        {
            change(place.Folder, place.Name);
        }

        return null;
    }

    private static ComponentValue? Done(Action body)
    {
        body();
        return null;
    }

    private static WasiDescriptor Readable(WasiDescriptor file) =>
        file.IsDirectory ? throw new FileFaultException(FileFault.IsDirectory) : file.CanRead ? file : throw new FileFaultException(FileFault.BadDescriptor);

    private static WasiDescriptor Writable(WasiDescriptor file) =>
        file.IsDirectory ? throw new FileFaultException(FileFault.IsDirectory) : file.CanWrite ? file : throw new FileFaultException(FileFault.BadDescriptor);

    private static int Follow(ComponentValue flags) => (flags.Number() & 1) != 0 ? 0 : FileSystemCalls.NoFollow;

    private static DateTimeOffset? Moment(WasiContext context, ComponentValue value) => value.Choice() switch
    {
        { Index: 0 } => null,
        { Index: 1 } => context.Time.GetUtcNow(),
        { Payload: var stamp } => Moment(stamp!.Items()),
    };

    private static DateTimeOffset Moment(ReadOnlySpan<ComponentValue> stamp) =>
        stamp[0].Natural() <= (ulong)DateTimeOffset.MaxValue.ToUnixTimeSeconds()
            ? DateTimeOffset.FromUnixTimeSeconds((long)stamp[0].Natural()).AddTicks((long)stamp[1].Natural() / 100)
            : throw new FileFaultException(FileFault.Invalid);

    private static ComponentValue Stat(FileStatus status) => ComponentValue.Of(
        new ComponentValue.Number(status.Type),
        Values.Of((ulong)status.Links),
        Values.Of(status.Size),
        Stamp(status.Accessed),
        Stamp(status.Modified),
        Stamp(status.Changed));

    private static ComponentValue Stamp(FileMoment moment) => moment.Seconds < 0
        ? ComponentValue.None
        : ComponentValue.Some(ComponentValue.Of(Values.Of((ulong)moment.Seconds), Values.Of((ulong)moment.Nanoseconds)));

    // The same while the file is the same and unchanged; nothing more is promised.
    private static ComponentValue Hash(FileStatus status) => ComponentValue.Of(
        Values.Of(status.Inode ^ (status.Device << 32)), Values.Of((ulong)status.Modified.Seconds ^ ((ulong)status.Modified.Nanoseconds << 32) ^ status.Size));
}
