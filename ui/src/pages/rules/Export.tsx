// The whole set of rules as a file.
import { Button, Menu } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconDownload } from '@tabler/icons-react';
import { asProblem } from '@/api/problem';
import { exported } from './api';

const FORMATS = [
  { name: 'YAML', media: 'application/yaml', ending: 'yaml' },
  { name: 'TOML', media: 'application/toml', ending: 'toml' },
  { name: 'JSON', media: 'application/json', ending: 'json' },
];

async function save({ media, ending }: { media: string; ending: string }): Promise<void> {
  try {
    const url = URL.createObjectURL(new Blob([await exported(media)], { type: media }));
    const link = document.createElement('a');
    link.href = url;
    link.download = `mutt-rules.${ending}`;
    link.click();
    URL.revokeObjectURL(url);
  } catch (error) {
    notifications.show({ color: 'red', title: 'The rules were not exported', message: asProblem(error).message });
  }
}

export function Export() {
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button variant="default" leftSection={<IconDownload size={14} aria-hidden />}>
          Export
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {FORMATS.map((format) => (
          <Menu.Item key={format.ending} onClick={() => void save(format)}>
            All rules as {format.name}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
