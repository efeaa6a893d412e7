using System.Collections.Immutable;
using System.Globalization;
using Gtc.Cli.Output;

namespace Gtc.Cli.Components;

/// <summary>Prints what was found in WebAssembly for people.</summary>
internal static class ComponentScreen
{
    private const int PageKib = 64;

    /// <summary>Prints one component after the other.</summary>
    public static void Show(ComponentsShown found, Screen screen)
    {
        foreach (var (index, component) in found.Components.Index())
        {
            if (index > 0)
            {
                screen.Say("");
            }

            Show(component, screen);
        }
    }

    private static void Show(ComponentShown component, Screen screen)
    {
        screen.Say(Printable.Of(component.Name));
        screen.Facts(
            ("kind", component.Kind == "component" ? "component" : "core module"),
            ("size", Figures.Size(component.SizeBytes)),
            ("digest", component.Digest),
            ("declared world", component.DeclaredWorld is { } world ? Printable.Of(world) : null),
            ("runs as", component.RunsAs ?? $"nothing: {component.NotRunnable}"),
            ("links", component.Links switch { null => null, true => "yes, gtc has all it needs", false => $"no: {component.LinkProblem}" }),
            ("modules", component.Kind == "component" ? Modules(component.Modules) : null),
            ("largest function", component.Modules.IsEmpty ? null : Figures.Size(component.Modules.Max(module => module.LargestFunctionBytes))),
            ("memory", Memory(component.Modules)));
        Externs("imports", component.Imports, component.Links is not null, screen);
        Externs("exports", component.Exports, false, screen);
        Sections(component.CustomSections, screen);
    }

    private static string Modules(ImmutableArray<ModuleShown> modules) => string.Create(
        CultureInfo.InvariantCulture, $"{modules.Length}, with {modules.Sum(module => module.Functions)} functions in {Figures.Size(modules.Sum(module => module.SizeBytes))}");

    private static string? Memory(ImmutableArray<ModuleShown> modules)
    {
        var own = modules.SelectMany(module => module.Memories).Where(memory => !memory.Imported).ToList();
        return own.Count == 0 ? null : string.Join("; ", own.Select(memory => string.Create(
            CultureInfo.InvariantCulture,
            $"{memory.MinimumPages * PageKib} KiB at first, {(memory.MaximumPages is { } most ? $"{most * PageKib} KiB at most" : "without a maximum of its own")}")));
    }

    private static void Externs(string title, ImmutableArray<ExternShown> items, bool served, Screen screen)
    {
        screen.Say("");
        screen.Say(items.IsEmpty ? $"{title}: none" : title);
        foreach (var item in items)
        {
            var name = Printable.Of(item.Module is null ? item.Name : $"{item.Module} {item.Name}");
            var from = !served || item.Kind is not ("instance" or "function") ? "" : item.ServedBy is { } by ? $" · served by {by}" : " · gtc does not have it";
            screen.Say($"  {name} ({item.Kind}){(item.Type is null ? "" : $" {item.Type}")}{from}");
            foreach (var function in item.Functions ?? [])
            {
                screen.Say($"    {function.Name}: {function.Type}");
            }
        }
    }

    private static void Sections(ImmutableArray<SectionShown> sections, Screen screen)
    {
        screen.Say("");
        screen.Say(sections.IsEmpty ? "custom sections: none" : "custom sections");
        foreach (var section in sections)
        {
            screen.Say($"  {Printable.Of(section.Name)}, {Figures.Size(section.SizeBytes)}");
        }
    }
}
