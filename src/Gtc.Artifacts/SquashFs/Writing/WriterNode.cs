using System.Text;
using Gtc.Artifacts.SquashFs.Reading;

namespace Gtc.Artifacts.SquashFs.Writing;

/// <summary>An entry of the image being written.</summary>
internal sealed class WriterNode(string name, int depth)
{
    private readonly SortedDictionary<byte[], WriterNode> _children = new(Comparer<byte[]>.Create((one, other) => one.AsSpan().SequenceCompareTo(other)));

    /// <summary>Set once a member stands for it; folders that are only implied keep the default folder.</summary>
    public SquashFsMember? Member { get; private set; }

    public byte[] Name { get; } = Encoding.UTF8.GetBytes(name);

    /// <summary>Children in the byte order of their names, as readers expect.</summary>
    public IReadOnlyCollection<WriterNode> Children => _children.Values;

    public SquashFsEntryKind Kind => Member?.Kind ?? SquashFsEntryKind.Directory;

    public int Mode => (Member ?? SquashFsMember.Directory(name)).Mode;

    /// <summary>Inode number, 1 for the root, in the order of paths.</summary>
    public uint Number { get; set; }

    /// <summary>Reference to the written inode.</summary>
    public ulong Inode { get; set; }

    /// <summary>Where a file's content was written.</summary>
    public StoredFile? Stored { get; set; }

    /// <summary>Builds the tree of the members, whatever their order.</summary>
    /// <exception cref="ArgumentException">A path is not plain, occurs twice, or lies below something that is not a folder.</exception>
    public static WriterNode Tree(IReadOnlyList<SquashFsMember> members)
    {
        var root = new WriterNode("", 0);
        foreach (var member in members)
        {
            var node = root;
            foreach (var name in member.Path.Split('/'))
            {
                node = node.Child(name, member.Path);
            }

            if (node.Member is not null || (node._children.Count > 0 && member.Kind != SquashFsEntryKind.Directory))
            {
                throw new ArgumentException($"Two members claim \"{member.Path}\".", nameof(members));
            }

            if (member.LinkTarget is { } target && LinkRule.Fault(target, node.Depth) is { } fault)
            {
                throw new ArgumentException($"\"{member.Path}\" -> \"{target}\": {fault}.", nameof(members));
            }

            node.Member = member;
        }

        return root;
    }

    private int Depth => depth;

    private WriterNode Child(string childName, string path)
    {
        if (EntryName.Fault(childName) is { } fault)
        {
            throw new ArgumentException($"\"{path}\": a name {fault}.", nameof(path));
        }

        if (Kind != SquashFsEntryKind.Directory || depth == ExtractionLimits.Default.MaxDepth)
        {
            throw new ArgumentException($"\"{path}\" lies below something that is not a folder, or too deep.", nameof(path));
        }

        var child = new WriterNode(childName, depth + 1);
        return _children.TryAdd(child.Name, child) ? child : _children[child.Name];
    }
}
