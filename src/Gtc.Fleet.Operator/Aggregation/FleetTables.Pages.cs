using System.Collections.Immutable;
using System.Text;
using Gtc.Fleet.Contracts;

namespace Gtc.Fleet.Operator;

/// <summary>What a page of a checkpoint holds.</summary>
public enum PageKind
{
    /// <summary>Names, labels and flags of devices.</summary>
    Devices,

    /// <summary>Names, intents and score hashes of deployments.</summary>
    Deployments,

    /// <summary>Rows of pairs.</summary>
    Pairs,
}

/// <summary>Names a page of a checkpoint.</summary>
/// <param name="Kind">What it holds.</param>
/// <param name="Number">Which one.</param>
public readonly record struct PageId(PageKind Kind, int Number);

public sealed partial class FleetTables
{
    private const int DevicesPerPage = 4096;
    private const int DeploymentsPerPage = 64;

    private readonly HashSet<PageId> _dirtyPages = [];

    /// <summary>All pages that there are.</summary>
    public IEnumerable<PageId> Pages =>
        [.. Numbered(PageKind.Devices, _deviceNames.Limit, DevicesPerPage), .. Numbered(PageKind.Deployments, _deploymentNames.Limit, DeploymentsPerPage), .. Numbered(PageKind.Pairs, _pairs.Pages, 1)];

    /// <summary>Whether a page is still one of <see cref="Pages"/>.</summary>
    public bool HasPage(PageId page) => page.Number < page.Kind switch
    {
        PageKind.Devices => (_deviceNames.Limit + DevicesPerPage - 1) / DevicesPerPage,
        PageKind.Deployments => (_deploymentNames.Limit + DeploymentsPerPage - 1) / DeploymentsPerPage,
        _ => _pairs.Pages,
    };

    /// <summary>The pages that changed since the last call.</summary>
    public IReadOnlyList<PageId> TakeDirtyPages()
    {
        List<PageId> pages = [.. _dirtyPages, .. _pairs.TakeDirty().Select(page => new PageId(PageKind.Pairs, page))];
        _dirtyPages.Clear();
        return pages;
    }

    /// <summary>Pages that could not be stored count as changed again.</summary>
    public void MarkDirtyPages(IEnumerable<PageId> pages)
    {
        var all = pages.ToList();
        _dirtyPages.UnionWith(all.Where(page => page.Kind != PageKind.Pairs));
        _pairs.MarkPages(all.Where(page => page.Kind == PageKind.Pairs).Select(page => page.Number));
    }

    /// <summary>The content of a page now.</summary>
    public byte[] WritePage(PageId page)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream, Encoding.UTF8);
        switch (page.Kind)
        {
            case PageKind.Devices:
                WriteDevices(writer, page.Number);
                break;
            case PageKind.Deployments:
                WriteDeployments(writer, page.Number);
                break;
            default:
                foreach (var (device, deployment, row) in _pairs.Page(page.Number))
                {
                    writer.Write(device);
                    writer.Write(deployment);
                    writer.Write(row.Bits);
                }

                break;
        }

        writer.Flush();
        return stream.ToArray();
    }

    /// <summary>Makes tables from the pages of one checkpoint; counters are counted anew from the rows.</summary>
    /// <param name="pages">Its pages, in any order, as <see cref="WritePage"/> made them.</param>
    public static FleetTables Read(IReadOnlyCollection<(PageId Id, byte[] Content)> pages)
    {
        ArgumentNullException.ThrowIfNull(pages);
        // As large as it was: rows that come in the order of their slots would crowd at the beginning of a smaller one, and a page is to hold what is stored of it.
        var tables = new FleetTables(new PairTable(pages.Where(page => page.Id.Kind == PageKind.Pairs).Select(page => page.Id.Number + 1).DefaultIfEmpty(1).Max()));
        var moved = new HashSet<PageId>();
        foreach (var (id, content) in pages.OrderBy(page => page.Id.Kind).ThenBy(page => page.Id.Number))
        {
            using var reader = new BinaryReader(new MemoryStream(content), Encoding.UTF8);
            switch (id.Kind)
            {
                case PageKind.Devices:
                    tables.ReadDevices(reader);
                    break;
                case PageKind.Deployments:
                    tables.ReadDeployments(reader);
                    break;
                default:
                    tables.ReadPairs(reader, content.Length / 16, id, moved);
                    break;
            }
        }

        tables.Complete();
        tables.MarkDirtyPages(moved);
        return tables;
    }

    private static IEnumerable<PageId> Numbered(PageKind kind, int items, int perPage) =>
        Enumerable.Range(0, (items + perPage - 1) / perPage).Select(number => new PageId(kind, number));

    private void MarkDevice(int device) => _dirtyPages.Add(new PageId(PageKind.Devices, device / DevicesPerPage));

    private void MarkDeployment(int number) => _dirtyPages.Add(new PageId(PageKind.Deployments, number / DeploymentsPerPage));

    /// <summary>Labels of a page are written once each, then by their place: most devices share theirs.</summary>
    private void WriteDevices(BinaryWriter writer, int page)
    {
        var places = new Dictionary<KeyValuePair<string, string>, int>();
        for (var device = page * DevicesPerPage; device < Math.Min(_deviceNames.Limit, (page + 1) * DevicesPerPage); device++)
        {
            if (!_deviceNames.Has(device))
            {
                continue;
            }

            writer.Write(device);
            writer.Write(_deviceNames.Text(device));
            writer.Write((byte)((_index.Knows(device) ? 1 : 0) | (_reachable.Contains(device) ? 2 : 0) | (_frozen.Contains(device) ? 4 : 0) | (_index.HasOwnId(device) ? 8 : 0) | (_late.Contains(device) ? 16 : 0)));
            var labels = _index.Knows(device) ? _index.StoredLabelsOf(device).ToList() : [];
            writer.Write7BitEncodedInt(labels.Count);
            foreach (var label in labels)
            {
                var isNew = places.TryAdd(label, places.Count);
                writer.Write7BitEncodedInt(places[label]);
                if (isNew)
                {
                    writer.Write(label.Key);
                    writer.Write(label.Value);
                }
            }
        }
    }

    private void ReadDevices(BinaryReader reader)
    {
        var places = new List<KeyValuePair<string, string>>();
        while (reader.BaseStream.Position < reader.BaseStream.Length)
        {
            var device = reader.ReadInt32();
            var id = reader.ReadString();
            var flags = reader.ReadByte();
            var labels = new Dictionary<string, string>();
            for (var count = reader.Read7BitEncodedInt(); count > 0; count--)
            {
                var place = reader.Read7BitEncodedInt();
                if (place == places.Count)
                {
                    places.Add(KeyValuePair.Create(reader.ReadString(), reader.ReadString()));
                }

                labels.Add(places[place].Key, places[place].Value);
            }

            _deviceNames.Restore(device, Encoding.UTF8.GetBytes(id));
            RestoreDevice(device, id, flags, labels);
        }
    }

    private void RestoreDevice(int device, string id, byte flags, Dictionary<string, string> labels)
    {
        GrowDevices(device);
        if ((flags & 8) != 0)
        {
            labels[SelectorIndex.DeviceIdKey] = id;
        }

        if ((flags & 1) != 0)
        {
            _index.SetLabels(device, labels);
        }

        if ((flags & 2) != 0)
        {
            _reachable.Add(device);
        }

        if ((flags & 4) != 0)
        {
            _frozen.Add(device);
        }

        if ((flags & 16) != 0)
        {
            _late.Add(device);
        }
    }

    private void WriteDeployments(BinaryWriter writer, int page)
    {
        for (var number = page * DeploymentsPerPage; number < Math.Min(_deploymentNames.Limit, (page + 1) * DeploymentsPerPage); number++)
        {
            if (_deployments[number] is not { } row)
            {
                continue;
            }

            writer.Write(number);
            writer.Write(row.Name);
            writer.Write(row.IsGone);
            writer.Write(row.CurrentHash);
            writer.Write7BitEncodedInt(row.Hashes.Length);
            foreach (var hash in row.Hashes)
            {
                Write(writer, hash);
            }

            writer.Write(row.Intent is not null);
            if (row.Intent is { } intent)
            {
                Write(writer, intent);
            }
        }
    }

    private void ReadDeployments(BinaryReader reader)
    {
        while (reader.BaseStream.Position < reader.BaseStream.Length)
        {
            var number = reader.ReadInt32();
            var name = reader.ReadString();
            var row = new DeploymentRow(name) { IsGone = reader.ReadBoolean() };
            var current = reader.ReadByte();
            row.RestoreHashes([.. Enumerable.Range(0, reader.Read7BitEncodedInt()).Select(_ => ReadHash(reader))], current);
            _deploymentNames.Restore(number, Encoding.UTF8.GetBytes(name));
            GrowDeployments(number);
            _deployments[number] = row;
            if (reader.ReadBoolean())
            {
                row.Intent = ReadIntent(reader);
                row.Selector = _index.Add(number, row.Intent.Terms);
            }
        }
    }

    /// <summary>A row that was stored with the first page because the last was full comes to another one; both are to be stored again.</summary>
    private void ReadPairs(BinaryReader reader, int count, PageId page, HashSet<PageId> moved)
    {
        for (; count > 0; count--)
        {
            var device = reader.ReadInt32();
            var number = reader.ReadInt32();
            var row = new PairRow(reader.ReadUInt64());
            _pairs.Set(device, number, row);
            if (_pairs.PageOf(device, number) is var place && place != page.Number)
            {
                moved.Add(page);
                moved.Add(page with { Number = place });
            }

            _rowsOfDevice[device]++;
            _deployments[number]!.Rows.Add(device);
        }
    }

    private void Complete()
    {
        _deviceNames.Restored();
        _deploymentNames.Restored();
        var tombstones = new List<(int Device, int Deployment, long Sequence)>();
        foreach (var (device, number, row) in _pairs.All())
        {
            Attach(device, number, row);
            if (row.HasWork)
            {
                _work.Add(device);
            }

            if (IsTombstone(row))
            {
                tombstones.Add((device, number, row.Sequence));
            }
        }

        foreach (var tombstone in tombstones.OrderBy(tombstone => tombstone.Sequence))
        {
            _tombstones.Enqueue(tombstone);
        }

        for (var number = 0; number < _deployments.Length; number++)
        {
            if (_deployments[number] is { } row)
            {
                MarkDirty(number, row);
            }
        }

        TakeDirtyPages();
    }

    private static void Write(BinaryWriter writer, ScoreId hash)
    {
        writer.Write((ulong)(hash.Value >> 64));
        writer.Write((ulong)hash.Value);
    }

    private static ScoreId ReadHash(BinaryReader reader) => new(new UInt128(reader.ReadUInt64(), reader.ReadUInt64()));

    private static void Write(BinaryWriter writer, DeploymentIntent intent)
    {
        writer.Write(intent.Uid);
        Write(writer, intent.Score);
        writer.Write(intent.IsPaused);
        writer.Write(intent.IsBatched);
        writer.Write7BitEncodedInt(intent.Terms.Length);
        foreach (var term in intent.Terms)
        {
            writer.Write(term.Key);
            writer.Write((byte)term.Operator);
            writer.Write7BitEncodedInt(term.Values.Length);
            foreach (var value in term.Values)
            {
                writer.Write(value);
            }
        }
    }

    private static DeploymentIntent ReadIntent(BinaryReader reader)
    {
        var (uid, score, isPaused, isBatched) = (reader.ReadString(), ReadHash(reader), reader.ReadBoolean(), reader.ReadBoolean());
        var terms = Enumerable.Range(0, reader.Read7BitEncodedInt()).Select(_ =>
            new SelectorTerm(reader.ReadString(), (SelectorOperator)reader.ReadByte(), [.. Enumerable.Range(0, reader.Read7BitEncodedInt()).Select(_ => reader.ReadString())]));
        return new DeploymentIntent(uid, [.. terms], score, isPaused, isBatched);
    }
}
