using Gtc.Artifacts.SquashFs.Reading;

namespace Gtc.Artifacts.SquashFs.Extraction;

/// <summary>What may be listed but not unpacked.</summary>
internal static class ExtractionRules
{
    public static void Check(IReadOnlyList<TreeNode> nodes)
    {
        foreach (var node in nodes)
        {
            if (node.Kind == SquashFsEntryKind.Special)
            {
                throw ImageFault.Malformed("it holds a device, a fifo or a socket", "folders, files and links", $"\"{node.Path}\"");
            }

            if (node.LinkTarget is { } target && LinkRule.Fault(target, node.Depth) is { } fault)
            {
                throw ImageFault.Malformed(fault, "a relative target inside the image, with .. only at its start", $"\"{node.Path}\" -> \"{target}\"");
            }
        }
    }
}
