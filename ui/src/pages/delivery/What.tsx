// What will happen to dead letters that are sent again, in words: the same for one and for all.
import { List, Text } from '@mantine/core';

export function What({ destination }: { destination: string }) {
  return (
    <>
      <Text size="sm" mb="xs">
        What will happen at {destination}:
      </Text>
      <List size="sm" spacing={4}>
        <List.Item>Each letter waits in its queue again and is sent in its order, at the destination’s pace.</List.Item>
        <List.Item>
          With a letter go all later dead ones of the same problem, so that a begin is not told without its end. So of an alert
          that is over, begin and end are both sent: the destination opens it, may page somebody, and ends it.
        </List.Item>
        <List.Item>
          If a later notice of the problem was delivered meanwhile, as its end, the letter is not sent: it becomes superseded.
        </List.Item>
        <List.Item>What the destination refuses again is dead again. Whoever sends is written to the audit.</List.Item>
      </List>
    </>
  );
}
